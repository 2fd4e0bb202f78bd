import { type Interval, likeliestTheta, type Rows, residuals, toIntervals } from './least-squares.ts'

/** Job types told apart at once. */
export const SENTINEL_TYPES = 32

/** Steps kept: the newest. */
export const SENTINEL_STEPS = 512

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

/** The first steps of an isolate, in which it warms up: they never show that a leak goes on. */
const WARM_UP_STEPS = 4

/** Rises that are taken for one-off in a window; more of them are no longer one-off, and count. */
const MAX_JUMPS = 3

/** A rise is a jump above so many standard deviations of the others. */
const JUMP = 8

/** What one isolate did between two readings that each came right after a natural full collection. */
export interface SentinelStep {
  /** Growth of what is alive, in bytes; negative when it shrank. */
  readonly bytes: number
  /** Jobs done meanwhile, by type. */
  readonly jobs: Readonly<Record<string, number>>
  /** When, in ms since the epoch. The estimate does not use it: its unit is the job. */
  readonly at: number
  /**
   * Whose step: the next of the same isolate starts from the reading at which this one ended. Steps without it are taken
   * as those of one isolate. With many isolates and no names the estimate stays right and gets less sharp.
   */
  readonly isolate?: string
}

/** What a job of one type leaves behind. */
export interface LeakEstimate {
  readonly name: string
  /** Jobs of the type in the steps kept. */
  readonly jobs: number
  readonly bytesPerJob: number
  /** Lower end of the 95 % interval; -Infinity when nothing can be said. */
  readonly low: number
  /** Its upper end; Infinity when nothing can be said. */
  readonly high: number
  /** It leaks: enough, surely, still, and as a real part of what grew. */
  readonly suspect: boolean
}

/** How much a sentinel keeps. */
export interface SentinelOptions {
  /** Job types told apart at once; 32 by default. Others are counted together until one of those has left the window. */
  readonly types?: number
  /** Steps kept; 512 by default. */
  readonly steps?: number
}

interface Kept {
  readonly bytes: number
  readonly isolate: string | undefined
  /** Slots of the types that ran. */
  readonly slots: readonly number[]
  /** Their jobs, in the same order. */
  readonly counts: readonly number[]
}

const UNKNOWN: Interval = { middle: 0, half: Number.POSITIVE_INFINITY }

/** A step among those of its isolate. */
interface Placed {
  readonly step: Kept
  /** It does not follow the one before it. */
  readonly starts: boolean
  /** In the later half of its isolate's steps. */
  readonly late: boolean
}

/**
 * Tells how many bytes each job type leaves behind a job, from what production shows anyway: growth between natural full
 * collections, with several types mixed.
 *
 * Growth in a step is the sum over types of its jobs times the bytes that a job leaves, and noise. `least-squares.ts` says
 * how the noise of differenced readings is dealt with. Three things are added here. Up to three rises that stand far
 * out of the rest are one-off (a cache that was loaded) and left out; falls never are, as they give back what earlier
 * steps took, and leaving them out would turn a sawtooth into a leak. A type is called leaking only when it leaks in the
 * later half of each isolate's steps too, and there at least half as much as in the earlier, as caches that fill and
 * code that warms up do not. And types that come in one proportion have intervals so wide that none is named.
 *
 * It cannot tell a leak from a cache of which it has seen only the beginning. Bounded: 512 steps of at most 33 types, 0.4 MB
 * when each step has all of them. `add` is O(types); `estimates` O(steps × types²), steps being fixed, some ms for eight
 * types and 10 ms for 32, and nothing until the next step. The same steps always give the same estimates.
 */
export class Sentinel {
  readonly #types: number
  readonly #steps: number
  /** Slots of the types told apart; the last slot is that of all others. */
  readonly #slots = new Map<string, number>()
  /** In how many of the steps kept each slot ran. */
  readonly #ran: Uint32Array
  readonly #ring: Kept[] = []
  #oldest = 0
  /** The estimates since the last step. */
  #told: readonly LeakEstimate[] | undefined

  constructor({ types = SENTINEL_TYPES, steps = SENTINEL_STEPS }: SentinelOptions = {}) {
    this.#types = types
    this.#steps = steps
    this.#ran = new Uint32Array(types + 1)
  }

  /** Takes a step in; the oldest goes when there are too many. One whose bytes are no number is ignored. */
  add({ bytes, jobs, isolate }: SentinelStep): void {
    if (!Number.isFinite(bytes)) return
    this.#told = undefined
    for (const slot of this.#ring[this.#oldest]?.slots ?? []) this.#ran[slot] = this.#stepsOf(slot) - 1
    const slots: number[] = []
    const counts: number[] = []
    for (const [name, count] of Object.entries(jobs)) {
      if (!(count > 0 && Number.isFinite(count))) continue
      const slot = this.#slotOf(name)
      const known = slots.indexOf(slot)
      if (known >= 0) counts[known] = (counts[known] ?? 0) + count
      else {
        slots.push(slot)
        counts.push(count)
        this.#ran[slot] = this.#stepsOf(slot) + 1
      }
    }
    this.#ring[this.#oldest] = { bytes, isolate, slots, counts }
    this.#oldest = (this.#oldest + 1) % this.#steps
  }

  /** What a job of each type in the window leaves behind, the worst first. */
  estimates(): readonly LeakEstimate[] {
    this.#told ??= this.#estimate()
    return this.#told
  }

  /** The type that leaks; of several the one that left most in all. Undefined while none can be named. */
  suspect(): LeakEstimate | undefined {
    return this.estimates()
      .filter(({ suspect }) => suspect)
      .sort((a, b) => b.bytesPerJob * b.jobs - a.bytesPerJob * a.jobs)[0]
  }

  #estimate(): readonly LeakEstimate[] {
    const names = [...this.#slots, [OTHER_TYPES, this.#types] as const].filter(([, slot]) => this.#stepsOf(slot) > 0)
    const kept = [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)]
    return estimate(place(kept), names).sort((a, b) => b.bytesPerJob - a.bytesPerJob)
  }

  #stepsOf(slot: number): number {
    return this.#ran[slot] ?? 0
  }

  #slotOf(name: string): number {
    const known = this.#slots.get(name)
    if (known !== undefined) return known
    let slot = this.#slots.size
    if (slot >= this.#types) {
      const gone = [...this.#slots].find(([, other]) => this.#stepsOf(other) === 0)
      if (!gone) return this.#types
      this.#slots.delete(gone[0])
      slot = gone[1]
    }
    this.#slots.set(name, slot)
    return slot
  }
}

/** Puts the steps of each isolate together, in order. */
function place(kept: readonly Kept[]): readonly Placed[] {
  const series = new Map<string | undefined, Kept[]>()
  for (const step of kept) {
    const own = series.get(step.isolate)
    if (own) own.push(step)
    else series.set(step.isolate, [step])
  }
  return [...series.values()].flatMap((own) =>
    own.map((step, n) => ({ step, starts: n === 0, late: n >= Math.max(WARM_UP_STEPS, own.length / 2) })),
  )
}

function estimate(all: readonly Placed[], names: readonly (readonly [name: string, slot: number])[]): LeakEstimate[] {
  const slots = names.map(([, slot]) => slot)
  const steps = withoutJumps(all, slots)
  const rows = toRows(steps, slots)
  const theta = likeliestTheta(rows)
  const whole = toIntervals(rows, theta)
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
    const { middle: bytesPerJob, half } = whole[column] ?? UNKNOWN
    const suspect =
      name !== OTHER_TYPES &&
      ran >= MIN_LEAK_STEPS &&
      bytesPerJob - LEAK_MARGIN * half > MIN_LEAK_BYTES &&
      growth > 0 &&
      bytesPerJob * jobs >= MIN_LEAK_SHARE * growth &&
      isSustained(steps, slots, theta, column)
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

/** The steps without rises that happened once. */
function withoutJumps(all: readonly Placed[], slots: readonly number[]): readonly Placed[] {
  let steps = all
  for (let cut = 0; ; cut++) {
    const jump = findJump(steps, slots)
    if (jump === undefined) return steps
    // So many are no longer one-off.
    if (cut === MAX_JUMPS) return all
    steps = steps.flatMap((placed, n) => {
      if (n === jump) return []
      return n === jump + 1 ? { ...placed, starts: true } : placed
    })
  }
}

/** The highest of the rises that stand out, unless the next step takes it back: that was a wild reading. */
function findJump(steps: readonly Placed[], slots: readonly number[]): number | undefined {
  const rest = residuals(toRows(steps, slots))
  const sizes = rest.map(Math.abs).sort()
  // 1.4826: from the median of the sizes to the standard deviation, for normal noise.
  const scale = 1.4826 * (sizes[sizes.length >> 1] ?? 0)
  let jump: number | undefined
  let highest = JUMP * scale
  for (const [n, rise] of rest.entries()) {
    const next = steps[n + 1]?.starts === false ? (rest[n + 1] ?? 0) : 0
    if (rise <= highest || next < -rise / 2) continue
    jump = n
    highest = rise
  }
  return jump
}

function toRows(steps: readonly Placed[], slots: readonly number[]): Rows {
  const columns = slots.length
  const y = new Float64Array(steps.length)
  const x = new Float64Array(steps.length * columns)
  const starts = new Uint8Array(steps.length)
  const columnOf = new Uint32Array(Math.max(0, ...slots) + 1)
  for (const [column, slot] of slots.entries()) columnOf[slot] = column
  for (const [row, { step, starts: start }] of steps.entries()) {
    y[row] = step.bytes
    starts[row] = start ? 1 : 0
    for (const [n, slot] of step.slots.entries()) x[row * columns + (columnOf[slot] ?? 0)] = step.counts[n] ?? 0
  }
  return { count: steps.length, columns, y, x, starts }
}
