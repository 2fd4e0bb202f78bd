import { describe, expect, it } from 'vitest'
import type { ChangedContainer, ClassCensus, EntryCensus } from './entry-census.ts'
import { confirmGrowth, containerGrowth } from './entry-growth.ts'

/** Counts of one class, from the sizes of its containers at each; a missing size is a container that is not there. */
function counts(
  sizes: readonly (readonly (number | undefined)[])[],
  jobs = [2_000, 7_000, 12_000, 13_900, 17_000],
): EntryCensus[] {
  const times = Math.max(...sizes.map((s) => s.length))
  return Array.from({ length: times }, (_, at) => ({ job: jobs[at] ?? 0, classes: [classAt(sizes, at)] }))
}

function classAt(sizes: readonly (readonly (number | undefined)[])[], at: number): ClassCensus {
  const changed: ChangedContainer[] = []
  for (const [serial, own] of sizes.entries()) {
    const before = own[at - 1]
    const size = own[at]
    if (before !== undefined && size !== undefined && before !== size) changed.push({ serial, before, size })
  }
  return {
    type: 'Map',
    name: 'Map',
    containers: sizes.length,
    entries: sizes.reduce((sum, own) => sum + (own[at] ?? 0), 0),
    grown: changed.reduce((sum, c) => sum + c.size - c.before, 0),
    growers: changed.filter((c) => c.size > c.before).length,
    changed: changed.length > 100 ? [] : changed,
    truncated: changed.length > 100,
  }
}

describe('containerGrowth', () => {
  it('finds the one container that gains, among many that do not', () => {
    const found = containerGrowth(
      counts([
        [50_000, 50_000, 50_000],
        [100_000, 105_000, 110_000],
        [9, 2, 5],
      ]),
    )
    expect(found).toMatchObject([{ type: 'Map', serial: 1, containers: 1, growth: 'grows' }])
    expect(found[0]?.sizes.map((s) => s.size)).toEqual([100_000, 105_000, 110_000])
  })

  it('keeps the size of a container that did not change in a cohort', () => {
    const found = containerGrowth(counts([[40, 40, 140, 240]]))
    expect(found[0]?.sizes.map((s) => s.size)).toEqual([40, 40, 140, 240])
  })

  it('finds nothing in a cache that is full, nor in one that was filled in the first cohort', () => {
    expect(containerGrowth(counts([[6_000, 6_000, 6_000]]))).toEqual([])
    expect(containerGrowth(counts([[2_000, 6_000, 6_000]]))).toEqual([])
  })

  it('says of what slows down that it fills', () => {
    expect(containerGrowth(counts([[2_000, 7_000, 9_000]]))).toMatchObject([{ growth: 'fills' }])
  })

  it('finds a thousand buckets that gain little each as one class', () => {
    const buckets = Array.from({ length: 1_000 }, () => [2, 4, 6])
    expect(containerGrowth(counts(buckets))).toMatchObject([{ serial: undefined, containers: 1_000, growth: 'grows' }])
  })

  it('does not add up containers that grow while they live and then go', () => {
    const generations = Array.from({ length: 400 }, (_, i) => {
      const born = Math.floor(i / 100) - 1
      return Array.from({ length: 3 }, (_, at) => (at === born || at === born + 1 ? 3 * (at - born) : undefined))
    })
    expect(containerGrowth(counts(generations))).toEqual([])
  })
})

describe('confirmGrowth', () => {
  const suspectOf = (sizes: number[]) => {
    const found = containerGrowth(counts([sizes]))[0]
    if (!found) throw new Error('there is no suspect')
    return found
  }

  it('confirms what went on, and ends what was cleared while idle', () => {
    const suspect = suspectOf([2_000, 7_000, 12_000])
    expect(confirmGrowth(suspect, counts([[2_000, 7_000, 12_000, 13_900, 17_000]]), 2)).toBe('grows')
    expect(confirmGrowth(suspect, counts([[2_000, 7_000, 12_000, 1_900, 5_000]]), 2)).toBe('ended')
    expect(confirmGrowth(suspect, counts([[2_000, 7_000, 12_000, 12_500, 13_000]]), 2)).toBe('unclear')
  })
})
