import { expect, test, vi } from 'vitest'
import { systemClock } from './clock.ts'
import { MAX_TIMER_MS } from './duration.ts'

test('a wait that is longer than timers can be does not end at once', () => {
  const set = vi.spyOn(globalThis, 'setTimeout')
  systemClock.clearTimeout(systemClock.setTimeout(() => {}, 90 * 86_400_000))
  expect(set.mock.calls.map(([, ms]) => ms)).toEqual([MAX_TIMER_MS])
  set.mockRestore()
})
