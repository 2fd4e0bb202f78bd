import type { JobSource } from './job-source.ts'
import type { Subject } from './subject.ts'
import type { Tally } from './tally.ts'

/** Jobs between two looks at the memory. */
const LOOK_EVERY = 8

/** What a replay of jobs needs. */
export interface ReplayOptions {
  readonly subject: Subject
  readonly source: JobSource
  readonly tally: Tally
  /** Jobs at once. */
  readonly concurrency: number
  /** One turn of the event loop. */
  readonly turn: () => Promise<void>
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number
  /** Called when another job has ended. */
  readonly onJob: (jobs: number) => void
  /** Whether to stop early, asked every few jobs. */
  readonly shouldStop: () => boolean
}

/** What a replay came to. */
export interface ReplayResult {
  /** Jobs that ended in it. */
  readonly jobs: number
  /** How long it took, in ms. */
  readonly ms: number
  /** Whether it stopped early because memory had grown past the limit. */
  readonly stopped: boolean
}

/**
 * Replays the jobs from number `from` on. Each is followed by one turn of the event loop, as between two jobs of a real
 * worker: timers fire, finalizers run, and what a WeakRef shielded for the turn can go.
 * @throws what `source` throws; the error of a job is counted, not thrown.
 */
export async function replay(from: number, count: number, options: ReplayOptions): Promise<ReplayResult> {
  const { tally, now, shouldStop } = options
  const startedAt = now()
  const before = tally.jobs
  let next = from
  let stopped = false
  const lane = async (): Promise<void> => {
    while (next < from + count && !stopped) {
      const i = next++
      await replayOne(i, options)
      if (i % LOOK_EVERY === 0) stopped ||= shouldStop()
    }
  }
  if (options.concurrency === 1) await lane()
  else await Promise.all(Array.from({ length: Math.min(options.concurrency, count) }, lane))
  return { jobs: tally.jobs - before, ms: now() - startedAt, stopped }
}

async function replayOne(i: number, { subject, source, tally, turn, onJob }: ReplayOptions): Promise<void> {
  const job = source(i)
  tally.data(job.data)
  try {
    await subject.run(job, i)
    tally.done(job.name)
  } catch (error) {
    tally.failed(job.name, error)
  }
  onJob(tally.jobs)
  await turn()
}
