import fc from 'fast-check'
import { expect, test } from 'vitest'
import { median } from './median.ts'

const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1 })

test('it is the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(median([])).toBeNaN()
})

test('at least half of the values are on either side of it', () => {
  fc.assert(
    fc.property(values, (all) => {
      const middle = median(all)
      expect(all.filter((value) => value <= middle).length * 2).toBeGreaterThanOrEqual(all.length)
      expect(all.filter((value) => value >= middle).length * 2).toBeGreaterThanOrEqual(all.length)
    }),
  )
})

test('it leaves its input as it was', () => {
  const input = [3, 1, 2]
  median(input)
  expect(input).toEqual([3, 1, 2])
})
