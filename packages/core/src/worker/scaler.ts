import { type Duration, toMs } from '../duration.ts'
import { OptionError } from '../errors.ts'

/** Ready jobs an isolate above which a pool grows: its high-water mark. */
export const DEFAULT_SCALE_HIGH = 100

/** Ready jobs an isolate below which a pool shrinks: its low-water mark. */
export const DEFAULT_SCALE_LOW = 10

/** How old the oldest ready job may become before a pool grows, in ms. */
export const DEFAULT_SCALE_MAX_AGE_MS = 30_000

/** How long there must be pressure before a pool grows, in ms: a batch that is gone in a moment starts nothing. */
export const DEFAULT_UP_AFTER_MS = 2_000

/** How long a pool must be idle before it loses an isolate, in ms: starting one again costs more than keeping it. */
export const DEFAULT_DOWN_AFTER_MS = 60_000

/** Share of slots taken under which a pool may shrink: what two isolates did then fits into one. */
const IDLE_BUSY = 0.5

/** How a pool scales, as it is asked for. */
export interface ScaleRange {
  /** Isolates there always are. Default 1. */
  readonly min?: number
  /** Isolates there are at most. */
  readonly max: number
  /** Ready jobs an isolate above which the pool grows. Default 100. */
  readonly high?: number
  /** Ready jobs an isolate below which the pool shrinks, if half of its slots are free too. Default 10. */
  readonly low?: number
  /** How old the oldest ready job may become before the pool grows. Default 30 s. */
  readonly maxAge?: Duration
  /** How long the pressure lasts before the pool grows. Default 2 s. */
  readonly upAfter?: Duration
  /** How long the pool is idle before it loses an isolate. Default 60 s. */
  readonly downAfter?: Duration
}

/** `ScaleRange` with every default filled in. */
export interface ScaleOptions {
  readonly min: number
  readonly max: number
  readonly high: number
  readonly low: number
  readonly maxAgeMs: number
  readonly upAfterMs: number
  readonly downAfterMs: number
}

/** How a pool and its queues are at one moment. */
export interface ScaleReading {
  /** Ms of a monotonic clock. */
  readonly at: number
  /** Isolates that take jobs or start; those that are on their way out do not count. */
  readonly size: number
  /** Jobs that could run now. Leave out queues at their concurrency limits: more isolates would not run those. */
  readonly ready: number
  /** How long the oldest of them has been ready, in ms. */
  readonly oldestAgeMs: number
  /** Share of the slots that are taken, 0 to 1. */
  readonly busy: number
  /** Bytes of the container or machine that are free for more isolates; undefined when nobody knows. */
  readonly memoryLeft: number | undefined
  /** Bytes that one more isolate may take. */
  readonly memoryNeeded: number
}

/** What a scaler remembers from one reading to the next: plain data. */
export interface ScaleState {
  readonly phase: 'steady' | 'pressed' | 'idle'
  /** When the phase began, or the size last changed in it; ms as in `ScaleReading.at`. */
  readonly since: number
  /** When the last good reading was taken. */
  readonly at: number
  /** What was decided last; undefined before the first good reading. */
  readonly size: number | undefined
}

/** What a scaler decides. */
export interface ScaleDecision {
  readonly state: ScaleState
  /** Isolates there should be. There is something to do only where it differs from the reading's size. */
  readonly size: number
  /**
   * `depth`, `age`: it grows for that. `idle`: it shrinks. `memory`: it would grow, and not one more isolate fits; told at
   * each reading until one does. Absent when nothing changes, or when the size was out of bounds.
   */
  readonly reason?: 'depth' | 'age' | 'idle' | 'memory'
}

/** The state before the first reading. */
export const UNSCALED: ScaleState = { phase: 'steady', since: 0, at: Number.NEGATIVE_INFINITY, size: undefined }

/**
 * Decides how many isolates a pool should have: high- and low-water marks of queue depth, within a minimum and a maximum.
 *
 * - `pressed`: more is ready than the high mark allows, or the oldest job has waited too long. After `upAfterMs` of that
 *   the pool grows in proportion, at most to its double, and by no more than fits in memory; then it waits again.
 * - `idle`: less is ready than the low mark, and under half of the slots are taken. After `downAfterMs` of that the pool
 *   loses one isolate, and waits again.
 * - `steady`: anything between.
 *
 * Each phase is counted from its first reading, and one reading of another phase ends it. So load that changes faster than
 * the waits changes nothing, and a pool that has just grown does not shrink, nor the reverse, before its full wait.
 * A size out of bounds is brought into them at once, whatever the memory. A reading that cannot be (NaN, time that runs
 * backwards) changes nothing.
 */
export function scale(state: ScaleState, reading: ScaleReading, options: ScaleOptions): ScaleDecision {
  const { at, size, ready } = reading
  if (!isSound(reading) || at < state.at) return { state, size: isSize(size) ? size : (state.size ?? options.min) }
  const bounded = Math.min(Math.max(size, options.min), options.max)
  if (bounded !== size) return { state: { phase: 'steady', since: at, at, size: bounded }, size: bounded }

  const phase = phaseOf(reading, options)
  const since = phase === state.phase ? state.since : at
  const stay = { state: { phase, since, at, size }, size }
  if (phase === 'pressed' && size < options.max && at - since >= options.upAfterMs) {
    const fitting = isolatesThatFit(reading)
    if (fitting < 1) return { ...stay, reason: 'memory' }
    const grown = Math.min(wantedSize(reading, options), size + fitting, options.max)
    const reason = ready > options.high * size ? 'depth' : 'age'
    return { state: { phase, since: at, at, size: grown }, size: grown, reason }
  }
  if (phase === 'idle' && size > options.min && at - since >= options.downAfterMs)
    return { state: { phase, since: at, at, size: size - 1 }, size: size - 1, reason: 'idle' }
  return stay
}

/**
 * Fills in the defaults.
 * @throws {OptionError} when a number cannot be, or `min` and `max`, or `low` and `high`, are the wrong way round.
 */
export function toScaleOptions(range: ScaleRange): ScaleOptions {
  const { min = 1, max, high = DEFAULT_SCALE_HIGH, low = DEFAULT_SCALE_LOW } = range
  for (const [name, value] of Object.entries({ min, max }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new OptionError(`${name} of a pool is ${value} isolates and must be a whole number of at least 1`)
  if (max < min) throw new OptionError(`max of a pool is ${max} isolates, under its min of ${min}; raise max`)
  for (const [name, value] of Object.entries({ high, low }))
    if (!Number.isFinite(value) || value <= 0)
      throw new OptionError(`${name} is ${value} ready jobs an isolate and must be a finite number above 0`)
  if (low >= high) throw new OptionError(`low is ${low} ready jobs an isolate and must be under high, which is ${high}`)
  const maxAgeMs = toMs(range.maxAge ?? DEFAULT_SCALE_MAX_AGE_MS)
  const upAfterMs = toMs(range.upAfter ?? DEFAULT_UP_AFTER_MS)
  const downAfterMs = toMs(range.downAfter ?? DEFAULT_DOWN_AFTER_MS)
  if (maxAgeMs === 0) throw new OptionError('maxAge is 0, which every job exceeds; give more than 0')
  return { min, max, high, low, maxAgeMs, upAfterMs, downAfterMs }
}

function phaseOf({ size, ready, oldestAgeMs, busy }: ScaleReading, options: ScaleOptions): ScaleState['phase'] {
  if (ready > options.high * size || (ready > 0 && oldestAgeMs > options.maxAgeMs)) return 'pressed'
  // A pool must not shrink to a size that it would grow from: the low mark of two can be above the high mark of one.
  const spare = ready < options.low * size && ready <= options.high * (size - 1)
  return spare && busy < IDLE_BUSY ? 'idle' : 'steady'
}

/** What would bring depth and age back to their marks. A job takes one slot, so age alone asks for one isolate a job. */
function wantedSize({ size, ready, oldestAgeMs }: ScaleReading, options: ScaleOptions): number {
  const byDepth = Math.ceil(ready / options.high)
  const byAge = Math.min(Math.ceil((size * oldestAgeMs) / options.maxAgeMs), size + Math.ceil(ready))
  return Math.min(Math.max(byDepth, byAge, size + 1), size * 2)
}

function isolatesThatFit({ memoryLeft, memoryNeeded }: ScaleReading): number {
  if (memoryLeft === undefined || memoryNeeded === 0) return Number.POSITIVE_INFINITY
  return Math.floor(memoryLeft / memoryNeeded)
}

/** An age may be negative, as clocks differ, and free memory too, over a limit: both then count as none. */
function isSound({ at, size, ready, oldestAgeMs, busy, memoryLeft = 0, memoryNeeded }: ScaleReading): boolean {
  return (
    [at, ready, oldestAgeMs, busy, memoryNeeded].every(Number.isFinite) &&
    isSize(size) &&
    ready >= 0 &&
    memoryNeeded >= 0 &&
    !Number.isNaN(memoryLeft)
  )
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0
}
