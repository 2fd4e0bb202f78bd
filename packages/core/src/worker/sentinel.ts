import { estimateLeaks, type LeakEstimate, OTHER_TYPES } from './sentinel-estimates.ts'
import type { Kept } from './sentinel-steps.ts'

export type { LeakEstimate }

/** Job types told apart at once. */
export const SENTINEL_TYPES = 32

/** Steps kept: the newest. */
export const SENTINEL_STEPS = 512

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

/** How much a sentinel keeps. */
export interface SentinelOptions {
  /** Job types told apart at once; 32 by default. Others are counted together until one of those has left the window. */
  readonly types?: number
  /** Steps kept; 512 by default. */
  readonly steps?: number
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
 * A leak may begin late: a plugin is switched on, and in all steps together it stays hidden for long. So the steps since
 * memory began to rise as it never did before, if it did (`sentinel-rise.ts`), are also looked at by themselves, and what is
 * told of a type that they name is what they say.
 *
 * It cannot tell a leak from a cache of which it has seen only the beginning. Bounded: 512 steps of at most 33 types, 0.4 MB
 * when each step has all of them. `add` is O(types); `estimates` O(steps × types²), steps being fixed, some ms for eight
 * types and 10 ms for 32, less than twice that while memory rises, and nothing until the next step. The same steps always
 * give the same estimates.
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
    return [...estimateLeaks(kept, names)].sort((a, b) => b.bytesPerJob - a.bytesPerJob)
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
