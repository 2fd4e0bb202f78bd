import type { Delivery, Want } from '../broker.ts'
import type { Clock, Timer } from '../clock.ts'
import { MAX_TIMER_MS } from '../duration.ts'

/** A `receive` that found nothing yet. */
interface Waiter {
  readonly want: Want
  /** On the monotonic clock. */
  readonly deadline: number
  end(deliveries: readonly Delivery[]): void
}

/** Where the jobs are that waiters wait for. */
export interface Source {
  /** Claims what is due now. */
  claim(want: Want): readonly Delivery[]
  /** When something may become due for `want`, ms since the epoch; Infinity when nothing is in sight. */
  nextAt(want: Want): number
}

/** From here on, in ms, timers are set to multiples of a step. */
const LONG_MS = 1_000
const STEP_MS = 100

/**
 * The calls of `receive` that wait, served in the order in which they came. One timer serves them all, set for the
 * next moment that anything can happen, and cleared when nobody waits.
 */
export class Waiters {
  readonly #clock: Clock
  readonly #source: Source
  readonly #waiting = new Set<Waiter>()
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(clock: Clock, source: Source) {
    this.#clock = clock
    this.#source = source
  }

  /** Waits until there is something to claim, `waitMs` have passed, or the signal aborts. */
  wait(want: Want): Promise<readonly Delivery[]> {
    return new Promise((resolve) => {
      const onAbort = (): void => waiter.end([])
      const waiter: Waiter = {
        want,
        deadline: this.#clock.monotonic() + want.waitMs,
        end: (deliveries) => {
          want.signal.removeEventListener('abort', onAbort)
          this.#waiting.delete(waiter)
          if (!this.#waiting.size) this.#disarm()
          resolve(deliveries)
        },
      }
      want.signal.addEventListener('abort', onAbort)
      this.#waiting.add(waiter)
      this.#arm()
    })
  }

  /** Something may have become due: whoever waited longest is served first. */
  wake(): void {
    if (!this.#waiting.size) return
    const monotonic = this.#clock.monotonic()
    for (const waiter of this.#waiting) {
      const deliveries = this.#source.claim(waiter.want)
      if (deliveries.length || waiter.deadline <= monotonic) waiter.end(deliveries)
    }
    this.#arm()
  }

  /** Ends every wait with nothing. */
  close(): void {
    for (const waiter of this.#waiting) waiter.end([])
  }

  /** Sets the timer for the next moment, if that comes before the one it is set for. */
  #arm(): void {
    const now = this.#clock.now()
    const monotonic = this.#clock.monotonic()
    let next = Number.POSITIVE_INFINITY
    for (const { want, deadline } of this.#waiting) {
      next = Math.min(next, deadline - monotonic, this.#source.nextAt(want) - now)
    }
    const ms = Math.min(toTimerMs(Math.max(next, 0)), MAX_TIMER_MS)
    if (!this.#waiting.size || monotonic + ms >= this.#timerAt) return
    this.#disarm()
    this.#timerAt = monotonic + ms
    this.#timer = this.#clock.setTimeout(() => this.#onTimer(), ms)
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  #onTimer(): void {
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
    this.wake()
  }
}

/**
 * Long waits in steps: a runtime may keep a list of timers for each length that it was ever asked for (Deno does). The rest
 * of the wait follows.
 */
function toTimerMs(ms: number): number {
  return ms > LONG_MS ? Math.floor(ms / STEP_MS) * STEP_MS : Math.ceil(ms)
}
