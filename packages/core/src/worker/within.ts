import type { Clock } from '../clock.ts'

/** Waits for a promise that does not reject, at most so many ms. */
export function within(clock: Clock, ms: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(resolve, ms)
    void promise.then(() => {
      clock.clearTimeout(timer)
      resolve()
    })
  })
}
