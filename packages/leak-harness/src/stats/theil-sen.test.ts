import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { theilSen } from './theil-sen.ts'

const line = (slope: number, intercept: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ x: i * 10, y: intercept + slope * i * 10 }))

describe('theilSen', () => {
  it('finds the line that points lie on', () => {
    const inputs = fc.tuple(
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      fc.integer({ min: -1e6, max: 1e6 }),
      fc.integer({ min: 2, max: 40 }),
    )
    fc.assert(
      fc.property(inputs, ([slope, intercept, count]) => {
        const found = theilSen(line(slope, intercept, count))
        expect(found.slope).toBeCloseTo(slope, 4)
        expect(found.intercept).toBeCloseTo(intercept, 2)
      }),
    )
  })

  it('is not moved by a quarter of wild points', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 39 }), { maxLength: 10 }),
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        (at, wild) => {
          const points = line(2, 100, 40).map((p, i) => (at.includes(i) ? { ...p, y: wild } : p))
          expect(theilSen(points).slope).toBeCloseTo(2, 0)
        },
      ),
    )
  })

  it('makes no pair of points at the same x, and no slope of no pair', () => {
    expect(
      theilSen([
        { x: 1, y: 1 },
        { x: 1, y: 9 },
        { x: 2, y: 5 },
      ]).slope,
    ).toBe(0)
    expect(
      theilSen([
        { x: 1, y: 1 },
        { x: 1, y: 9 },
      ]).slope,
    ).toBeNaN()
    expect(theilSen([]).slope).toBeNaN()
  })
})
