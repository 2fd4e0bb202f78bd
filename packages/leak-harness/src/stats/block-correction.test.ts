import { describe, expect, it } from 'vitest'
import { blockCorrection } from './block-correction.ts'

const xs = (count: number): number[] => Array.from({ length: count }, (_, i) => 100 * i)

describe('blockCorrection', () => {
  it('is the square root of n / (n − 2) of blocks of one, as the textbook has it', () => {
    for (const count of [12, 28, 100])
      expect(blockCorrection(xs(count), 1)).toBeCloseTo(Math.sqrt(count / (count - 2)), 6)
  })

  it('grows with the block and shrinks with the number of points', () => {
    expect(blockCorrection(xs(28), 5)).toBeGreaterThan(blockCorrection(xs(28), 3))
    expect(blockCorrection(xs(28), 5)).toBeGreaterThan(blockCorrection(xs(280), 5))
    expect(blockCorrection(xs(10_000).slice(0, 400), 5)).toBeCloseTo(1, 1)
  })
})
