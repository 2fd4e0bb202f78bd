import type { Clock, Timer } from '../clock.ts'
import { OptionError } from '../errors.ts'

/** Where the wall clock of a fake clock starts by default, ms since the epoch. */
export const DEFAULT_FAKE_NOW = 1_700_000_000_000

// Taken now, so that a test runner which fakes the global timers cannot stop this clock.
const realSetTimeout = globalThis.setTimeout

/** Options of `createFakeClock`. */
export interface FakeClockOptions {
  /** Where the wall clock starts, ms since the epoch. Default 1,700,000,000,000. */
  readonly now?: number
}

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** Timers that are set and have not fired. */
  readonly pending: number
  /**
   * Lets `ms` pass. Timers that fall due fire in order of time, then of setting, also those set meanwhile; before the
   * first, between any two and after the last, promises settle (one turn of the event loop). Calls queue up. An error
   * thrown by a timer rejects the call that was advancing; time then stands where that timer was due.
   */
  advance(ms: number): Promise<void>
}

interface FakeTimer {
  readonly at: number
  readonly callback: () => void
}

/**
 * A clock for tests of what waits: hours pass at once, and always in the same order.
 *
 * @example
 * const clock = createFakeClock()
 * const broker = createMemoryBroker({ clock })
 * await clock.advance(30_000)
 */
export function createFakeClock(options: FakeClockOptions = {}): FakeClock {
  const start = options.now ?? DEFAULT_FAKE_NOW
  const timers = new Set<FakeTimer>()
  let elapsed = 0
  let last: Promise<void> = Promise.resolve()

  /** The first timer due by `until`; a Set keeps the order of setting. */
  function nextBy(until: number): FakeTimer | undefined {
    let next: FakeTimer | undefined
    for (const timer of timers) {
      if (timer.at <= until && (!next || timer.at < next.at)) next = timer
    }
    return next
  }

  async function run(ms: number): Promise<void> {
    const until = elapsed + ms
    await turn()
    for (let timer = nextBy(until); timer; timer = nextBy(until)) {
      timers.delete(timer)
      elapsed = Math.max(elapsed, timer.at)
      timer.callback()
      await turn()
    }
    elapsed = until
  }

  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    setTimeout: (callback, ms) => {
      const timer: FakeTimer = { at: elapsed + Math.max(0, ms), callback }
      timers.add(timer)
      return timer
    },
    clearTimeout: (timer: Timer) => {
      timers.delete(timer as FakeTimer)
    },
    get pending() {
      return timers.size
    },
    advance: (ms) => {
      if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
        return Promise.reject(
          new OptionError(`a fake clock cannot advance by ${ms} ms; give a finite number of at least 0`),
        )
      }
      const done = last.then(() => run(ms))
      last = done.catch(() => undefined)
      return done
    },
  }
}

/** One turn of the event loop: every promise that can settle does. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    realSetTimeout(resolve, 0)
  })
}
