import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from './random.ts'

const take = (seed: number, index: number) => {
  const random = createRandom(seed, index)
  return Array.from({ length: 8 }, () => random.next())
}

test('the same seed and index give the same figures, others give others', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(100_000), (seed, index) => {
      expect(take(seed, index)).toEqual(take(seed, index))
      expect(take(seed, index)).not.toEqual(take(seed, index + 1))
    }),
  )
})

test('figures are in [0, 1) and spread evenly over items', () => {
  const firsts = Array.from({ length: 10_000 }, (_, index) => createRandom(1, index).next())
  expect(Math.min(...firsts)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...firsts)).toBeLessThan(1)
  expect(firsts.reduce((sum, value) => sum + value, 0) / firsts.length).toBeCloseTo(0.5, 1)
})

test('whole numbers keep to their bounds, both included', () => {
  const random = createRandom(1, 1)
  expect(new Set(Array.from({ length: 200 }, () => random.between(3, 5)))).toEqual(new Set([3, 4, 5]))
})
