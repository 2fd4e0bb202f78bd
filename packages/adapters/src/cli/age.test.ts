import { expect, test } from 'vitest'
import { toAge, toMoment } from './age.ts'

test.each([
  [-5, '0 s'],
  [999, '0 s'],
  [1_000, '1 s'],
  [59_999, '59 s'],
  [60_000, '1 m'],
  [192_000, '3 m 12 s'],
  [3_600_000, '1 h'],
  [3_605_000, '1 h'],
  [7_500_000, '2 h 5 m'],
  [90_000_000, '1 d 1 h'],
  [40 * 86_400_000, '40 d'],
])('%d ms is %s', (ms, age) => {
  expect(toAge(ms)).toBe(age)
})

test('moments lie before or ahead', () => {
  const now = Date.UTC(2026, 0, 31, 12)
  expect(toMoment(now - 192_000, now)).toBe('2026-01-31T11:56:48.000Z (3 m 12 s ago)')
  expect(toMoment(now + 61_000, now)).toBe('2026-01-31T12:01:01.000Z (in 1 m 1 s)')
})
