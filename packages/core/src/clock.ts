import { MAX_TIMER_MS } from './duration.ts'

/** A timer that a clock set. Opaque: hand it back to `clearTimeout`. */
export type Timer = unknown

/**
 * Where time comes from. Everything in isobar that waits or dates something takes one, so that tests can bring their
 * own (`createFakeClock` in `@isobar/core/testing`).
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds on a clock that never steps, for measuring durations. */
  monotonic(): number
  /** Waits for more than `MAX_TIMER_MS` end there: runtimes would end them at once. */
  setTimeout(callback: () => void, ms: number): Timer
  clearTimeout(timer: Timer): void
}

/** The runtime's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, Math.min(ms, MAX_TIMER_MS)),
  clearTimeout: (timer) => clearTimeout(timer as Parameters<typeof clearTimeout>[0]),
}
