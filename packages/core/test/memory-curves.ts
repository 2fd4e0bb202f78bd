import type { GovernorLimits } from '../src/worker/governor.ts'
import { govern } from '../src/worker/governor.ts'
import type { GovernorState } from '../src/worker/governor-state.ts'
import { FRESH } from '../src/worker/governor-state.ts'
import type { IsolateReading } from '../src/worker/memory-reading.ts'
import type { BaselineNotice, Footprint, RecycleReason } from '../src/worker/recycle-reason.ts'

export const MB = 1_000_000

/** Readings come so often, in ms. */
export const EVERY_MS = 50

/** What a process takes that its runtime does not count, in bytes. */
const NATIVE = 40 * MB

export const UNLIMITED: GovernorLimits = {
  memory: Number.POSITIVE_INFINITY,
  jobs: Number.POSITIVE_INFINITY,
  ageMs: Number.POSITIVE_INFINITY,
}

/** The memory of an isolate as it works, in bytes. */
export interface Curve {
  /** In use, after so many jobs: in the heap, in Buffers outside it, and in native memory that only RSS shows. */
  readonly live: (
    jobs: number,
    ms: number,
  ) => { readonly heap: number; readonly buffers?: number; readonly native?: number }
  /** Made a ms, and collected by the runtime itself when so much of it has gathered. */
  readonly garbage?: { readonly perMs: number; readonly collectedAt: number }
  /** Jobs a second, or jobs done by a time. */
  readonly jobs: number | ((ms: number) => number)
}

/** What became of a simulated isolate. */
export interface Life {
  readonly recycled: RecycleReason | undefined
  /** Set when the figure that the supervisor kills for was passed. */
  readonly killed: boolean
  readonly jobs: number
  readonly ageMs: number
  /** When confirmed readings were asked for, in ms, with the larger figure of then. */
  readonly confirms: readonly { readonly ms: number; readonly figure: number }[]
  /** When a successor was first asked for, in ms. */
  readonly prepared: number | undefined
  /** Verdicts `prepare`. */
  readonly prepares: number
  readonly notices: readonly BaselineNotice[]
  /** What was really in use at the end. */
  readonly live: Footprint
}

/**
 * Lets an isolate live until it is recycled, killed for its RSS, or `forMs` are over. A confirmed reading that is asked
 * for comes 20 ms later and takes the garbage away; the first comes before the first job.
 */
export function liveThrough(
  curve: Curve,
  limits: GovernorLimits,
  forMs: number,
  maxJobs = Number.POSITIVE_INFINITY,
): Life {
  const jobsAt = typeof curve.jobs === 'number' ? perSecond(curve.jobs) : curve.jobs
  const confirms: { ms: number; figure: number }[] = []
  const notices: BaselineNotice[] = []
  let state: GovernorState = FRESH
  let recycled: RecycleReason | undefined
  let prepared: number | undefined
  let prepares = 0
  let killed = false
  let collected = 0
  let read: IsolateReading = readCurve(curve, 0, 0, 0)

  const take = (ms: number, confirmed: boolean): boolean => {
    if (confirmed) collected = ms
    const { perMs = 0, collectedAt = 1 } = curve.garbage ?? {}
    const garbage = confirmed ? 0 : ((ms - collected) * perMs) % collectedAt
    read = { ...readCurve(curve, jobsAt(ms), ms, garbage), confirmed }
    killed = read.rss >= limits.memory && readCurve(curve, 0, 0, 0).rss < limits.memory
    const { state: next, verdict, notice } = govern(state, read, limits)
    state = next
    if (notice) notices.push(notice)
    if (verdict.action === 'recycle') recycled = verdict.why
    if (verdict.action === 'prepare') prepares++
    if (verdict.action === 'prepare') prepared ??= ms
    if (verdict.action === 'confirm') confirms.push({ ms, figure: Math.max(read.total, read.rss) })
    return verdict.action === 'confirm'
  }

  take(0, true)
  for (let ms = EVERY_MS; ms <= forMs && !recycled && !killed && read.jobs < maxJobs; ms += EVERY_MS) {
    if (take(ms, false)) take(ms + 20, true)
  }
  const live = readCurve(curve, read.jobs, read.ageMs, 0)
  return { recycled, killed, jobs: read.jobs, ageMs: read.ageMs, confirms, prepared, prepares, notices, live }
}

/** Isolates one after the other, each the successor of the one that was recycled or killed, until so many jobs are done. */
export function livesFor(jobs: number, curve: Curve, limits: GovernorLimits): readonly Life[] {
  const lives: Life[] = []
  for (let done = 0; done < jobs; ) {
    const life = liveThrough(curve, limits, 3_600_000, jobs - done)
    lives.push(life)
    done += Math.max(1, life.jobs)
  }
  return lives
}

function perSecond(rate: number): (ms: number) => number {
  return (ms) => Math.floor((ms * rate) / 1_000)
}

function readCurve({ live }: Curve, jobs: number, ms: number, garbage: number): IsolateReading {
  const { heap, buffers = 0, native = 0 } = live(jobs, ms)
  const total = heap + buffers + garbage
  return {
    total,
    heapUsed: heap + garbage,
    external: buffers,
    arrayBuffers: buffers,
    rss: total + native + NATIVE,
    limit: undefined,
    at: 1_700_000_000_000 + ms,
    jobs,
    ageMs: ms,
    confirmed: false,
  }
}
