import { OptionError } from '../errors.ts'
import type { WorkerHealth } from './health.ts'

/** How soon what is ready should be drained, by default, in ms. */
export const DRAIN_TARGET_MS = 60_000

/** What one worker knows of the load, and of what a worker like it can do. */
export interface DesireReading {
  /** Workers there are now, if known. Default 1. */
  readonly workers?: number
  /** Jobs that could run now. */
  readonly ready: number
  /** How long the oldest of them has been ready, in ms. */
  readonly oldestAgeMs: number
  /** Jobs a second that one worker does when all its slots are taken: slots by mean duration. 0 or NaN when unknown. */
  readonly ratePerWorker: number
  /** Share of the slots that are taken, 0 to 1; NaN when unknown. */
  readonly busy: number
}

/** Options of `desiredWorkers`. */
export interface DesireOptions {
  /** How soon what is ready should be drained, in ms. Default 60 s. */
  readonly drainMs?: number
  /** Default 1. With 0, none are wanted when nothing is ready and nothing runs. */
  readonly min?: number
  /** Default: no limit. */
  readonly max?: number
}

/** Under what share of the whole a remainder is an error of rounding, and wants no worker: 0.07 × 100 is a little over 7. */
const ROUNDING = 1e-9

/**
 * How many workers like this one the queues want: the figure that an outside autoscaler reads. Enough to hold the load
 * that runs now, which is taken for what comes in, and beside it to drain what is ready before the oldest has waited for
 * `drainMs`, though in no less than half of `drainMs`. Never more than one for each ready job beside the load.
 *
 * While the rate is unknown, it holds what runs, and wants at least one worker for what is ready, one more when the oldest
 * has waited for `drainMs`, another at 3, 7, 15 … times that. While `busy` is unknown, it holds the workers there are.
 *
 * It never falls as depth or age rise, and knows no hysteresis: autoscalers bring their own.
 * @throws {OptionError} when `drainMs` is not above 0, `min` is not a whole number, or `max` is under 1 or `min`.
 */
export function desiredWorkers(reading: DesireReading, options: DesireOptions = {}): number {
  const { drainMs = DRAIN_TARGET_MS, min = 1, max = Number.POSITIVE_INFINITY } = options
  assertOptions(drainMs, min, max)
  const { ready, busy, ratePerWorker: rate } = reading
  const workers = toCount(reading.workers)
  const load = Number.isNaN(busy) ? workers : Math.min(Math.max(busy, 0), 1) * workers
  const rateKnown = Number.isFinite(rate) && rate > 0
  const backlog = ready > 0 ? toBacklog(reading, drainMs, rateKnown) : 0
  const wanted = rateKnown && !Number.isNaN(busy) ? load + backlog : Math.max(load, backlog)
  // A depth that nobody knows (NaN) is not none.
  const none = ready <= 0 && load === 0
  const least = none ? min : Math.max(min, 1)
  return Math.min(Math.max(Math.ceil(wanted * (1 - ROUNDING)), least), max)
}

/** Workers that what is ready takes by itself. */
function toBacklog({ ready, oldestAgeMs, ratePerWorker }: DesireReading, drainMs: number, rateKnown: boolean): number {
  const ageMs = oldestAgeMs > 0 ? oldestAgeMs : 0
  const jobs = Math.min(ready, Number.MAX_SAFE_INTEGER)
  if (!rateKnown) return Math.min(jobs, 1 + Math.floor(Math.log2(1 + ageMs / drainMs)))
  const withinMs = Math.max(drainMs - ageMs, drainMs / 2)
  return Math.min(jobs, jobs / ((ratePerWorker * withinMs) / 1_000))
}

function toCount(workers: number | undefined): number {
  return workers !== undefined && Number.isFinite(workers) && workers >= 0 ? workers : 1
}

function assertOptions(drainMs: number, min: number, max: number): void {
  if (!(Number.isFinite(drainMs) && drainMs > 0))
    throw new OptionError(`drainMs is ${drainMs} and must be a finite number above 0`)
  if (!Number.isSafeInteger(min) || min < 0)
    throw new OptionError(`min is ${min} workers and must be a whole number of at least 0`)
  if (!(max >= Math.max(min, 1) && (Number.isSafeInteger(max) || max === Number.POSITIVE_INFINITY)))
    throw new OptionError(`max is ${max} workers and must be a whole number of at least 1 and of min, which is ${min}`)
}

/** The reading in a worker's health. Where the queues were not looked at yet, what runs is all that is known. */
export function toDesireReading({ queueFigures, duration, executor }: WorkerHealth): DesireReading {
  const { size, running } = executor
  const ratePerWorker = duration.mean > 0 ? (size / duration.mean) * 1_000 : 0
  if (!queueFigures) return { ready: Number.NaN, oldestAgeMs: 0, ratePerWorker, busy: running / size }
  const { queues } = queueFigures
  // What all workers hold, in workers like this one that have their slots full.
  const held = queues.reduce((sum, { active }) => sum + active, 0) / size
  return {
    workers: Math.max(1, held),
    busy: Math.min(1, held),
    ready: queues.reduce((sum, { ready }) => sum + ready, 0),
    oldestAgeMs: Math.max(0, ...queues.map(({ oldestAgeMs }) => oldestAgeMs)),
    ratePerWorker,
  }
}
