import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { growsOn, growthOf, hasEnded, type Population } from './growth-rule.ts'

const at = (...sizes: number[]): Population[] => sizes.map((size, i) => ({ job: 2_000 + 5_000 * i, size }))

describe('growthOf', () => {
  it('is still below four, or without two cohorts', () => {
    expect(growthOf(at(5, 5, 8))).toBe('still')
    expect(growthOf(at(0, 5_000))).toBe('still')
    expect(growthOf(at(0, 6_000, 6_000))).toBe('still')
  })

  it('grows at a steady pace, fills at one that halves', () => {
    expect(growthOf(at(0, 5_000, 10_000))).toBe('grows')
    expect(growthOf(at(0, 5_000, 7_500))).toBe('grows')
    expect(growthOf(at(0, 12_066, 13_866))).toBe('fills')
    expect(growthOf(at(0, 5, 9))).toBe('grows')
  })

  it('waits for another cohort when growth has only begun', () => {
    expect(growthOf(at(10, 10, 5_000))).toBe('fills')
    expect(growthOf(at(10, 10, 5_000, 10_000))).toBe('grows')
  })

  it('goes by the pace a job, so that a cohort cut short counts as what it was', () => {
    const sizes = [
      { job: 0, size: 0 },
      { job: 5_000, size: 5_000 },
      { job: 6_000, size: 6_000 },
    ]
    expect(growthOf(sizes)).toBe('grows')
  })

  it('says grows of every steady leak of one in 1,000 jobs or more', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 100, noNaN: true }), (pace) => {
        const sizes = at(0, 0, 0).map(({ job }) => ({ job, size: Math.floor(job * pace) }))
        expect(growthOf(sizes)).toBe('grows')
      }),
    )
  })
})

describe('the confirming cohort', () => {
  const parts = (first: number, second: number): Population[] => [
    { job: 13_900, size: first },
    { job: 17_000, size: second },
  ]
  const before: [Population, Population] = [
    { job: 7_000, size: 7_000 },
    { job: 12_000, size: 12_000 },
  ]

  it('confirms what goes on in both parts', () => {
    expect(growsOn(before, parts(13_900, 17_000))).toBe(true)
    expect(hasEnded(before, parts(13_900, 17_000))).toBe(false)
  })

  it('sees the end of what stands still, was cleared, or falls in a part', () => {
    for (const sizes of [parts(12_000, 12_000), parts(1_900, 5_000), parts(16_500, 12_100), parts(13_900, 13_900)]) {
      expect(growsOn(before, sizes)).toBe(false)
      expect(hasEnded(before, sizes)).toBe(true)
    }
  })

  it('confirms one entry in 1,000 jobs, and does not take an empty part of so rare a leak for its end', () => {
    const rare: [Population, Population] = [
      { job: 7_000, size: 7 },
      { job: 12_000, size: 12 },
    ]
    expect(growsOn(rare, parts(13, 17))).toBe(true)
    expect(hasEnded(rare, parts(12, 16))).toBe(false)
  })

  it('is not taken in by a batch that is written out every so many jobs, whatever their number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 5_500 }), (period) => {
        const sizes = [2_000, 7_000, 12_000, 13_150, 15_050, 17_000].map((job) => ({ job, size: job % period }))
        const [, second, third, ...confirming] = sizes
        const caught =
          growthOf(sizes.slice(0, 3)) !== 'grows' || !growsOn([second as Population, third as Population], confirming)
        expect(caught).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})
