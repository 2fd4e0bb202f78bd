import { PRIORITIES } from '@isobar/core/codec'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkPriorities, DEFAULT_PRIORITIES, toPriority } from './priorities.ts'

const MAX = 2_097_152

test.each([
  [0, 'high'],
  [1, 'high'],
  [1_023, 'high'],
  [1_024, 'normal'],
  [2_047, 'normal'],
  [2_048, 'low'],
  [MAX, 'low'],
])('a job with number %d reads as %s', (value, expected) => {
  expect(toPriority(value, DEFAULT_PRIORITIES)).toBe(expected)
})

test('a class comes back as itself, and a number never reads as more urgent than a smaller one', () => {
  const numbers = fc
    .uniqueArray(fc.nat(MAX), { minLength: 3, maxLength: 3 })
    .map((values) => values.sort((a, b) => a - b))
  fc.assert(
    fc.property(numbers, fc.nat(MAX), fc.nat(MAX), ([high = 0, normal = 0, low = 0], a, b) => {
      const priorities = checkPriorities({ high, normal, low })
      for (const priority of PRIORITIES) expect(toPriority(priorities[priority], priorities)).toBe(priority)
      const rank = (value: number): number => PRIORITIES.indexOf(toPriority(value, priorities))
      expect(rank(Math.min(a, b))).toBeLessThanOrEqual(rank(Math.max(a, b)))
    }),
  )
})

test.each([
  { high: 1, normal: 1, low: 2 },
  { high: 0, normal: 3, low: 2 },
  { high: -1, normal: 1, low: 2 },
  { high: 0, normal: 1.5, low: 2 },
  { high: 0, normal: 1, low: MAX + 1 },
  { high: Number.NaN, normal: 1, low: 2 },
])('numbers that cannot be are refused: %o', (priorities) => {
  expect(() => checkPriorities(priorities)).toThrow(expect.objectContaining({ code: 'OPTION' }))
})
