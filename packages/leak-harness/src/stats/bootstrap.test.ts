import { describe, expect, it } from 'vitest'
import { bootstrapSlope } from './bootstrap.ts'
import { createRandom, type Random } from './random.ts'
import type { Point } from './theil-sen.ts'

/** A normal deviate (Box–Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** A line with noise in which each value keeps `memory` of the one before. */
function noisyLine(slope: number, memory: number, random: Random): Point[] {
  let noise = 0
  return Array.from({ length: 28 }, (_, i) => {
    noise = memory * noise + normal(random)
    return { x: i, y: slope * i + noise }
  })
}

function coverage(memory: number): number {
  const random = createRandom(42)
  const rounds = 200
  let covered = 0
  for (let round = 0; round < rounds; round++) {
    const { low, high } = bootstrapSlope(noisyLine(0.5, memory, random), createRandom(round), 200)
    if (low <= 0.5 && 0.5 <= high) covered++
  }
  return covered / rounds
}

describe('bootstrapSlope', () => {
  it('covers the true slope about as often as it says when readings are independent', () => {
    const share = coverage(0)
    expect(share).toBeGreaterThan(0.88)
    expect(share).toBeLessThan(0.995)
  })

  it('still does for most when readings depend on the one before', () => {
    expect(coverage(0.4)).toBeGreaterThan(0.84)
  })

  it('repeats itself for a seed', () => {
    const points = noisyLine(1, 0, createRandom(3))
    expect(bootstrapSlope(points, createRandom(5))).toEqual(bootstrapSlope(points, createRandom(5)))
  })

  it('is exact on a line without noise', () => {
    const points = Array.from({ length: 20 }, (_, i) => ({ x: i, y: 4096 }))
    expect(bootstrapSlope(points, createRandom(1))).toEqual({ slope: 0, low: 0, high: 0, standardError: 0 })
  })
})
