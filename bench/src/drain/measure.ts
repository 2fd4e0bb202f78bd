import { runChild } from '../child.ts'
import type { Drain } from '../modules/drain.ts'
import type { Fill } from '../modules/fill.ts'
import { percentile } from '../percentile.ts'
import { openPlace } from './place.ts'
import type { Settings } from './queue.ts'
import { SUBJECTS, type SubjectName } from './subjects.ts'
import type { Task } from './task.ts'

/** What one subject did in one round. */
export interface DrainFigures {
  readonly enqueuedPerSecond: number
  readonly drainedPerSecond: number
  /** CPU of the worker's process for a job, in µs. */
  readonly cpuUs: number
  /** The most memory that the worker's process had, in bytes. */
  readonly peakRss: number
  /** From enqueueing a single job to the start of its handler, in ms: of half of them at most, and of all but 1 %. */
  readonly pickUpP50: number
  readonly pickUpP99: number
}

/** What `measureSubject` goes by. */
export interface MeasureOptions {
  readonly jobs: number
  readonly warmUp: number
  readonly pickUps: number
  readonly signal: AbortSignal
  /** Instead of the subject's own. */
  readonly settings?: Settings
  /** Flags of the runtime, for the process that drains. */
  readonly flags?: readonly string[]
}

const FLAGS = ['--disable-warning=ExperimentalWarning']

/**
 * Measures one subject in a place of its own: one process enqueues and ends, another drains, so that neither the
 * memory nor the garbage of the one is the other's.
 * @throws {ServiceMissingError}
 * @throws when a job did not run exactly once.
 */
export async function measureSubject(subject: SubjectName, options: MeasureOptions): Promise<DrainFigures> {
  const { jobs, warmUp, pickUps, signal, settings = {}, flags = [] } = options
  await using place = await openPlace(SUBJECTS[subject].place)
  const task: Task = { subject, address: place.address, jobs, warmUp, pickUps, settings }
  const args = [JSON.stringify(task)]
  const fill = await runChild<Fill>(new URL('../modules/fill.ts', import.meta.url), { flags: FLAGS, args, signal })
  await place.gatherStatistics()
  const drain = await runChild<Drain>(new URL('../modules/drain.ts', import.meta.url), {
    flags: [...FLAGS, ...flags],
    args,
    signal,
  })
  return {
    enqueuedPerSecond: ((warmUp + jobs) / fill.ms) * 1_000,
    drainedPerSecond: (jobs / drain.ms) * 1_000,
    cpuUs: drain.cpuUs / jobs,
    peakRss: drain.peakRss,
    pickUpP50: percentile(drain.pickUps, 0.5),
    pickUpP99: percentile(drain.pickUps, 0.99),
  }
}
