/** Work that may wait in a worker's buffer, in ms: more would keep urgent jobs waiting behind it. */
export const PREFETCH_MS = 200

/** Jobs that may wait in a worker's buffer. */
export const MAX_PREFETCH = 1_000

/** Weight of the newest duration in the running average. */
const NEWEST = 0.1

/** How much may wait. */
export interface PrefetchLimits {
  /** Work, in ms. Default 200. */
  readonly ms?: number
  /** Jobs. Default 1,000. */
  readonly jobs?: number
}

/** How many jobs to hold ready, from how long they take: at most so much work, and none when one takes that long. */
export class Prefetch {
  readonly #ms: number
  readonly #jobs: number
  #average: number | undefined

  constructor({ ms = PREFETCH_MS, jobs = MAX_PREFETCH }: PrefetchLimits = {}) {
    this.#ms = ms
    this.#jobs = jobs
  }

  /** Learns from a job that took `ms`. */
  add(ms: number): void {
    this.#average = this.#average === undefined ? ms : this.#average + NEWEST * (ms - this.#average)
  }

  /** Jobs to hold ready for `slots` slots; none before anything was measured. */
  size(slots: number): number {
    const average = this.#average
    if (average === undefined || average >= this.#ms) return 0
    return Math.min(this.#jobs, Math.floor((slots * this.#ms) / Math.max(average, 0.001)))
  }
}
