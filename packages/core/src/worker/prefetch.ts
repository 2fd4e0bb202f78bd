/** Work that may wait in a worker's buffer, in ms: more would keep urgent jobs waiting behind it. */
export const PREFETCH_MS = 200

/** Jobs that may wait in a worker's buffer. */
export const MAX_PREFETCH = 1_000

/** Weight of the newest duration in the running average. */
const NEWEST = 0.1

/** How many jobs to hold ready, from how long they take: at most 200 ms of work, and none when one takes that long. */
export class Prefetch {
  #average: number | undefined

  /** Learns from a job that took `ms`. */
  add(ms: number): void {
    this.#average = this.#average === undefined ? ms : this.#average + NEWEST * (ms - this.#average)
  }

  /** Jobs to hold ready for `slots` slots; none before anything was measured. */
  size(slots: number): number {
    const average = this.#average
    if (average === undefined || average >= PREFETCH_MS) return 0
    return Math.min(MAX_PREFETCH, Math.floor((slots * PREFETCH_MS) / Math.max(average, 0.001)))
  }
}
