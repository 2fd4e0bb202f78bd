import { type Interval, likeliestTheta, toIntervals } from './least-squares.ts'
import { findRise, MIN_RISE_STEPS } from './sentinel-rise.ts'
import { type Kept, type Placed, place, toRows, withoutJumps } from './sentinel-steps.ts'

/** What a job may leave behind, in bytes, before it is called a leak. */
export const MIN_LEAK_BYTES = 32

/** Steps in which a type must have run before it is called leaking. */
export const MIN_LEAK_STEPS = 32

/** Share of the whole growth that a leak must explain. */
export const MIN_LEAK_SHARE = 0.1

/**
 * How many times the half of its 95 % interval a leak must stand above `MIN_LEAK_BYTES`. The sentinel is asked after each
 * collection, of each type, in each worker: at 95 % one in twenty would cry.
 */
export const LEAK_MARGIN = 2.5

/** Name under which types are counted that come when there is no room for more. */
export const OTHER_TYPES = '(other)'

/**
 * What a rise must go on with in its later half, as a share of what it was in the earlier. More than of what has no
 * beginning in sight: what has just begun may be a cache that fills.
 */
const RISE_GOES_ON = 0.75

/** What a job of one type leaves behind. */
export interface LeakEstimate {
  readonly name: string
  /** Jobs of the type in the steps that this rests on. */
  readonly jobs: number
  readonly bytesPerJob: number
  /** Lower end of the 95 % interval; -Infinity when nothing can be said, and null then in JSON. */
  readonly low: number
  /** Its upper end; Infinity when nothing can be said, and null then in JSON. */
  readonly high: number
  /** It leaks: enough, surely, still, and as a real part of what grew. */
  readonly suspect: boolean
}

/** A job type and its slot. */
export type Named = readonly [name: string, slot: number]

/** What is asked of a leak besides that it is sure. */
interface Demands {
  /** Steps in which the type ran. */
  readonly ran: number
  /** Bytes by which everything has grown: more than so many. */
  readonly growth: number
  goesOn(steps: readonly Placed[], slots: readonly number[], theta: number, column: number): boolean
}

const UNKNOWN: Interval = { middle: 0, half: Number.POSITIVE_INFINITY }

/** Of all steps. */
const OVERALL: Demands = { ran: MIN_LEAK_STEPS, growth: 0, goesOn: isSustained }

/** What a job of each type leaves behind: over all steps, or, where that names it, since a rise began. */
export function estimateLeaks(kept: readonly Kept[], names: readonly Named[]): readonly LeakEstimate[] {
  const overall = estimate(place(kept), names, OVERALL)
  const rise = findRise(kept)
  if (!rise) return overall
  const risen = kept.slice(rise.from)
  const later = new Set(risen.slice(risen.length / 2))
  const since = estimate(place(risen), runningIn(risen, names), {
    ran: MIN_RISE_STEPS / 2,
    growth: rise.least,
    goesOn: (steps, slots, _, column) => growthGoesOn(steps, slots[column] ?? -1, later),
  })
  return overall.map((one) => {
    if (one.suspect) return one
    return since.find(({ name, suspect }) => suspect && name === one.name) ?? one
  })
}

function runningIn(steps: readonly Kept[], names: readonly Named[]): readonly Named[] {
  const ran = new Set(steps.flatMap(({ slots }) => slots))
  return names.filter(([, slot]) => ran.has(slot))
}

function estimate(all: readonly Placed[], names: readonly Named[], demands: Demands): readonly LeakEstimate[] {
  const slots = names.map(([, slot]) => slot)
  const steps = withoutJumps(all, slots)
  const rows = toRows(steps, slots)
  const theta = likeliestTheta(rows)
  const intervals = toIntervals(rows, theta)
  let growth = 0
  for (const { step } of steps) growth += step.bytes
  const { x } = toRows(all, slots)
  return names.map(([name], column) => {
    let jobs = 0
    let ran = 0
    for (let at = column; at < x.length; at += slots.length) {
      jobs += x[at] ?? 0
      if (x[at]) ran++
    }
    const { middle: bytesPerJob, half } = intervals[column] ?? UNKNOWN
    const suspect =
      name !== OTHER_TYPES &&
      ran >= demands.ran &&
      bytesPerJob - LEAK_MARGIN * half > MIN_LEAK_BYTES &&
      growth > demands.growth &&
      bytesPerJob * jobs >= MIN_LEAK_SHARE * growth &&
      demands.goesOn(steps, slots, theta, column)
    return { name, jobs, bytesPerJob, low: bytesPerJob - half, high: bytesPerJob + half, suspect }
  })
}

/**
 * Whether a type goes on leaking in the later half of its isolates' steps, at least half as much as in the earlier:
 * what decays is no leak.
 */
function isSustained(steps: readonly Placed[], slots: readonly number[], theta: number, column: number): boolean {
  const of = (late: boolean): Interval => {
    const half = steps.flatMap((placed, n) => {
      if (placed.late !== late) return []
      return { ...placed, starts: placed.starts || steps[n - 1]?.late !== late }
    })
    return toIntervals(toRows(half, slots), theta)[column] ?? UNKNOWN
  }
  const later = of(true)
  return later.middle - later.half > MIN_LEAK_BYTES && later.middle >= of(false).middle / 2
}

/**
 * Whether all that has grown for each job of a type is no less in the later steps. It is asked of a rise that stands far out
 * of everything before: so few steps tell its halves apart, but not by type.
 */
function growthGoesOn(steps: readonly Placed[], slot: number, later: ReadonlySet<Kept>): boolean {
  const bytesPerJob = (isLater: boolean): number => {
    let bytes = 0
    let jobs = 0
    for (const { step } of steps) {
      if (later.has(step) !== isLater) continue
      bytes += step.bytes
      jobs += step.counts[step.slots.indexOf(slot)] ?? 0
    }
    return bytes / jobs
  }
  return bytesPerJob(true) >= RISE_GOES_ON * bytesPerJob(false)
}
