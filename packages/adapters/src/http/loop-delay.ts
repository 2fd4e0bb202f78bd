/** How often the event loop is looked at, in ms: a step that takes longer shows as a timer that is late. */
export const LOOP_CHECK_MS = 50

/** Seconds of which the largest delay is kept: metrics are read less often than once a second. */
export const DELAY_WINDOW_S = 60

/** How late timers were, in ms: in the second that runs, and in each of the last minute. */
export class LoopDelay {
  readonly #seconds = new Float64Array(DELAY_WINDOW_S)
  #next = 0
  #now = 0

  /** A timer was so late. */
  add(ms: number): void {
    if (ms > this.#now) this.#now = ms
  }

  /** Ends a second: the largest delay in it. */
  take(): number {
    const largest = this.#now
    this.#seconds[this.#next] = largest
    this.#next = (this.#next + 1) % DELAY_WINDOW_S
    this.#now = 0
    return largest
  }

  /** The largest delay of the last minute. */
  get largest(): number {
    return Math.max(this.#now, ...this.#seconds)
  }
}
