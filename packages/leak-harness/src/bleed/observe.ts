import { createHash } from 'node:crypto'
import type { JobToReplay } from '../replay/contract.ts'
import type { JobSource } from '../replay/job-source.ts'
import type { Subject } from '../replay/subject.ts'
import type { ObserveOptions } from '../runtimes/driver.ts'
import { toCanonicalText } from './canonical.ts'
import { chooseJobs } from './choose-jobs.ts'
import { letClocksJump } from './jumping-clock.ts'
import type { BleedJob, ChosenJobs, Observation } from './observation.ts'
import { changesBetween, readProcessState } from './process-state.ts'

/** Characters of an answer that the parent gets to show. */
const MAX_SHOWN_LENGTH = 2_000

/** Characters of data that the parent keeps, and gives to each process. */
const MAX_DATA_LENGTH = 8_000

/** Jobs that are done however long they take. */
const MIN_JOBS = 20

interface MadeJob extends JobToReplay {
  readonly number: number
}

/** The jobs of one process: chosen by the first, made in all. Runs in the process under test. */
export class JobBench {
  readonly #made = new Map<number, MadeJob>()

  /**
   * Makes the first `scan` jobs and chooses `limit` of them, and as many others. Each process does it, so that what the
   * module's generator keeps is the same in all.
   */
  choose(source: JobSource, scan: number, limit: number): ChosenJobs {
    const made = Array.from({ length: scan }, (_, number): MadeJob => ({ ...source(number), number }))
    const jobs = chooseJobs(made, limit)
    const taken = new Set(jobs)
    const others = chooseJobs(
      made.filter((job) => !taken.has(job)),
      limit,
    )
    for (const job of [...jobs, ...others]) this.#made.set(job.number, job)
    return { jobs: jobs.map(toBleedJob), others: others.map(toBleedJob) }
  }

  /** Does the jobs one by one, and stops early once `maxMs` have passed. */
  async observe(
    jobs: readonly BleedJob[],
    { subject, maxMs, clockJumps, now, turn, onJob }: BenchOptions,
  ): Promise<Observation[]> {
    const observations: Observation[] = []
    const startedAt = now()
    if (clockJumps) letClocksJump()
    let state = readProcessState()
    for (const planned of jobs) {
      if (observations.length >= MIN_JOBS && now() - startedAt > maxMs) break
      const { outcome, value } = await subject.answer(this.#toJob(planned), planned.number)
      const text = toCanonicalText(value)
      await turn()
      const after = readProcessState()
      observations.push({
        number: planned.number,
        outcome,
        text: text.slice(0, MAX_SHOWN_LENGTH),
        digest: createHash('sha256').update(text).digest('base64url').slice(0, 22),
        changes: changesBetween(state, after),
      })
      state = after
      onJob(planned.name, outcome)
    }
    return observations
  }

  #toJob({ number, name, queue, attempt, data }: BleedJob): JobToReplay {
    const made = this.#made.get(number)
    return {
      name,
      data: data === null ? made?.data : JSON.parse(data),
      ...(queue === undefined ? {} : { queue }),
      ...(attempt === undefined ? {} : { attempt }),
    }
  }
}

/** What observing needs. */
export interface BenchOptions extends ObserveOptions {
  readonly subject: Subject
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number
  /** One turn of the event loop. */
  readonly turn: () => Promise<void>
  /** Called when another job has ended. */
  readonly onJob: (name: string, outcome: string) => void
}

function toBleedJob({ number, name, queue, attempt, data }: MadeJob): BleedJob {
  return { number, name, queue, attempt, data: toJsonText(data) }
}

/** JSON text that holds all of the data, or null. */
function toJsonText(data: unknown): string | null {
  try {
    const text = JSON.stringify(data)
    if (text === undefined || text.length > MAX_DATA_LENGTH) return null
    return toCanonicalText(JSON.parse(text)) === toCanonicalText(data) ? text : null
  } catch {
    return null
  }
}
