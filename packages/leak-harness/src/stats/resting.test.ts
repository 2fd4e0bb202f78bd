import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { restingGrowth } from './resting.ts'

const readings = (at: (job: number) => number) =>
  [0, 1, 2, 3, 4].map((n) => ({ x: 24_000 + n * 1_500, y: at(n * 1_500) }))

describe('restingGrowth', () => {
  it('is none where each idle time leaves the same', () => {
    expect(restingGrowth(readings(() => 9e6))).toBe(0)
  })

  it('never says less than what leaks, whatever else comes and goes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.array(fc.nat(1e6), { minLength: 5, maxLength: 5 }),
        (leak, extra) => {
          const points = readings((job) => 9e6 + leak * job).map(({ x, y }, n) => ({ x, y: y + (extra[n] ?? 0) }))
          const first = Math.min(...extra.slice(0, 2))
          const late = Math.max(...extra.slice(-2))
          if (late >= first) expect(restingGrowth(points)).toBeGreaterThanOrEqual((leak * 3_000) / 4_500)
        },
      ),
    )
  })

  it('says nothing of fewer than five', () => {
    expect(restingGrowth(readings(() => 1).slice(1))).toBeNaN()
  })
})
