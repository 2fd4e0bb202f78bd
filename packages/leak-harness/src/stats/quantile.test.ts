import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { median, medianInPlace, quantileOfSorted } from './quantile.ts'

describe('quantiles', () => {
  it('interpolates between neighbours', () => {
    expect(quantileOfSorted([1, 2, 3, 4], 0.5)).toBe(2.5)
    expect(quantileOfSorted([10, 20], 0.25)).toBe(12.5)
    expect(quantileOfSorted([7], 0.975)).toBe(7)
    expect(median([3, 1, 2])).toBe(2)
    expect(median([])).toBeNaN()
  })

  it('has as many values below as above the median, and leaves the values in place', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 50 }), (values) => {
        const before = [...values]
        const middle = median(values)
        expect(values.filter((v) => v < middle).length).toBeLessThanOrEqual(values.length / 2)
        expect(values.filter((v) => v > middle).length).toBeLessThanOrEqual(values.length / 2)
        expect(values).toEqual(before)
      }),
    )
  })

  it('finds the same median without sorting', () => {
    const values = fc.oneof(
      fc.array(fc.integer({ min: -3, max: 3 })),
      fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 })),
    )
    fc.assert(
      fc.property(values, (some) => {
        // -0 and 0 may change places.
        expect(medianInPlace(Float64Array.from(some)) + 0).toBe(median(some) + 0)
      }),
      { numRuns: 500 },
    )
  })
})
