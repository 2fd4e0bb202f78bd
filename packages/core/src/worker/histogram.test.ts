import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from './histogram.ts'

test('an empty one tells zeros', () => {
  const histogram = new Histogram()
  expect([histogram.count, histogram.mean, histogram.quantile(0.5)]).toEqual([0, 0, 0])
})

test('a quantile is at least the exact one, and off by less than a tenth', () => {
  const durations = fc.array(fc.double({ min: 0.002, max: 1e8, noNaN: true }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
      const histogram = new Histogram()
      for (const ms of all) histogram.add(ms)
      const exact = all.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * all.length) - 1)] ?? 0
      const told = histogram.quantile(share)
      if (Math.ceil(share * all.length) === 0) return told === 0
      return told >= exact * 0.999 && told <= exact * 1.1
    }),
  )
})

test('durations out of its range fall into its first and last buckets', () => {
  const histogram = new Histogram()
  for (const ms of [0, -1, Number.MAX_VALUE]) histogram.add(ms)
  expect(histogram.count).toBe(3)
  expect(histogram.quantile(0.5)).toBe(0.001)
  expect(histogram.quantile(1)).toBeGreaterThan(1e8)
})
