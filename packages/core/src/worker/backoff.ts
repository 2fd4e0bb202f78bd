import type { Clock } from '../clock.ts'
import { delayAfter, exponential } from '../retry.ts'

/** Between two tries of a broker that fails: 100 ms, 200 ms … at most 5 s, with full jitter. */
const BROKER_BACKOFF = exponential({ base: 100, max: 5_000 })

/** Waits before the next try after `failures` failures in a row, or until the signal aborts. */
export function backOff(clock: Clock, failures: number, error: unknown, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = (): void => {
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = clock.setTimeout(end, delayAfter(BROKER_BACKOFF, failures, error))
    signal.addEventListener('abort', end)
  })
}
