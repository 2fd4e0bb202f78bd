import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { figuresOf, judgeCurve, MDE_STANDARD_ERRORS } from './decision.ts'
import { createRandom } from './random.ts'

const JOBS = 24_000

/** A curve of readings every 100 jobs. */
function curve(valueAt: (job: number) => number, noise = 0): { x: number; y: number }[] {
  const random = createRandom(9)
  return Array.from({ length: JOBS / 100 }, (_, i) => {
    const x = (i + 1) * 100
    return { x, y: valueAt(x) + noise * random() }
  })
}

const judge = (valueAt: (job: number) => number, noise = 0, budget = 1) =>
  judgeCurve(curve(valueAt, noise), JOBS, { budget, seed: 1 })

describe('judgeCurve', () => {
  it('calls a level curve flat, with or without noise under the budget', () => {
    expect(judge(() => 4e6)).toMatchObject({ verdict: 'flat', slope: 0, low: 0, high: 0, growth: 0 })
    expect(judge(() => 4e6, 2_000).verdict).toBe('flat')
  })

  it('says that it grows when it does, by how much, and with the interval around it', () => {
    const { verdict, slope, low, high, mde, standardError } = judge((job) => 16 * job, 5_000)
    expect(verdict).toBe('grows')
    expect(slope).toBeCloseTo(16, 0)
    expect(low).toBeLessThan(slope)
    expect(high).toBeGreaterThan(slope)
    expect(mde).toBe(MDE_STANDARD_ERRORS * standardError)
  })

  it('never calls growth over the budget flat, nor growth under half of it growing', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.integer({ min: 0, max: 20_000 }),
        (slope, noise) => {
          const { verdict } = judge((job) => slope * job, noise)
          if (slope > 1.5) expect(verdict).not.toBe('flat')
          if (slope < 0.5) expect(verdict).not.toBe('grows')
        },
      ),
      { numRuns: 40 },
    )
  })

  it('calls noise that could hide growth over the budget undecided', () => {
    expect(judge(() => 0, 400_000).verdict).not.toBe('grows')
    const wave = (job: number): number => 50_000 * Math.sin(job / 700)
    expect(judge(wave).verdict).toBe('undecided')
  })

  it('does not call the backing store of an array that doubles flat', () => {
    const capacity = (job: number) => 8 * 2 ** Math.ceil(Math.log2(job))
    expect(judge(capacity).verdict).not.toBe('flat')
  })

  it('calls a step before the window flat, and one within it not growing', () => {
    expect(judge((job) => (job > 9_000 ? 20e6 : 0)).verdict).toBe('flat')
    expect(judge((job) => (job > 17_000 ? 20e6 : 0)).verdict).not.toBe('grows')
  })

  it('calls a cache that is full before the window flat, and one that slows down not growing', () => {
    expect(judge((job) => 300 * Math.min(job, 6_000)).verdict).toBe('flat')
    expect(judge((job) => 3e6 * (1 - Math.exp(-job / 6_000))).verdict).not.toBe('grows')
  })

  it('does not call a sawtooth growing, whatever its period', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 23_000 }), (period) => {
        expect(judge((job) => 280 * (job % period)).verdict).not.toBe('grows')
      }),
      { numRuns: 60 },
    )
  })

  it('finds one descriptor in 1,000 jobs', () => {
    expect(judge((job) => 20 + Math.floor(job / 1_000), 0, 0.0005).verdict).toBe('grows')
    expect(judge(() => 20, 0, 0.0005).verdict).toBe('flat')
  })

  it('decides nothing on too few samples', () => {
    const decision = judgeCurve(curve((job) => job).slice(0, 5), 500, { budget: 1, seed: 1 })
    expect(decision.verdict).toBe('undecided')
    expect(decision.slope).toBeNaN()
  })
})

describe('figuresOf', () => {
  it('looks at its window alone', () => {
    const points = curve((job) => (job < 12_000 ? 100 * job : 0))
    expect(figuresOf(points, 12_000, 24_000, 1).slope).toBe(0)
  })

  it('tells whether each third stands higher than the one before', () => {
    expect(
      figuresOf(
        curve((job) => job),
        0,
        JOBS,
        1,
      ).rises,
    ).toBe(true)
    expect(
      figuresOf(
        curve((job) => Math.min(job, 8_000)),
        0,
        JOBS,
        1,
      ).rises,
    ).toBe(false)
  })
})
