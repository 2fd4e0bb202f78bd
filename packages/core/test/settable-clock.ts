import type { Clock } from '../src/clock.ts'
import { createFakeClock, type FakeClock } from '../src/testing/fake-clock.ts'

/** A fake clock whose wall clock can be set, as machines' are: what it counts down goes on as before. */
export interface SettableClock extends FakeClock {
  /** Sets the wall clock forward, or back with a negative number. */
  set(byMs: number): void
}

/** A clock of its own, or one that shows another time than `base` and goes as that does. */
export function createSettableClock(base: FakeClock | number): SettableClock {
  const clock = typeof base === 'number' ? createFakeClock({ now: base }) : base
  let offset = 0
  const wall: Clock = { ...clock, now: () => clock.now() + offset }
  return {
    ...wall,
    get pending() {
      return clock.pending
    },
    advance: (ms) => clock.advance(ms),
    set(byMs) {
      offset += byMs
    },
  }
}
