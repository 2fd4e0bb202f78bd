import { type Clock, systemClock, type Timer } from '../clock.ts'

/** A clock that knows its timers. */
export interface CountingClock extends Clock {
  /** Timers that were set and have neither fired nor been cleared. */
  readonly pending: number
}

/** A clock that counts the timers of another, to see that none is left behind. Default: the runtime's. */
export function createCountingClock(clock: Clock = systemClock): CountingClock {
  const timers = new Set<Timer>()
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimeout(callback, ms) {
      const timer = clock.setTimeout(() => {
        timers.delete(timer)
        callback()
      }, ms)
      timers.add(timer)
      return timer
    },
    clearTimeout(timer) {
      timers.delete(timer)
      clock.clearTimeout(timer)
    },
    get pending() {
      return timers.size
    },
  }
}
