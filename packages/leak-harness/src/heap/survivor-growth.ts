import { type Growth, growthOf, MIN_GROWTH, type Population } from './growth-rule.ts'
import type { SurvivorCount } from './survivors.ts'

/** Of a group's survivors, the share by which its population has to grow: what comes and goes stands still. */
export const MIN_SHARE = 0.5

/** One snapshot's counts, and the jobs done by then. */
export interface SurvivorCensus {
  readonly job: number
  readonly groups: readonly SurvivorCount[]
}

/** A group that grows or fills, over all snapshots. */
export interface SurvivorSeries {
  readonly constructorName: string
  readonly owner: number
  readonly sizes: readonly Population[]
  readonly growth: Growth
  /** In the last snapshot. */
  readonly last: SurvivorCount
}

/**
 * Applies the three-part rule to each group: in each of the last two cohorts at least 4 objects survive, the population
 * grows by 4 and by half of its survivors, and at no less than half its pace. Answers those that `fill` or `grow`, the
 * largest first. After two cohorts the survivors of the first are all that is known: what grows then is a suspect, and
 * the confirming cohort tells.
 */
export function survivorGrowth(counts: readonly SurvivorCensus[]): SurvivorSeries[] {
  const last = counts.at(-1)
  if (!last || counts.length < 3) return []
  const before = counts.at(-2)?.groups ?? []
  return last.groups
    .filter((group) => group.survivors >= MIN_GROWTH)
    .map((group) => {
      const sizes = counts.map(({ job, groups }, at) => ({
        job,
        size: (at === counts.length - 1 ? group : findGroup(groups, group))?.population ?? 0,
      }))
      return { ...pick(group), sizes, growth: judge(group, findGroup(before, group), sizes), last: group }
    })
    .filter((series) => series.growth !== 'still')
    .sort((a, b) => b.last.survivors - a.last.survivors)
}

function judge(now: SurvivorCount, before: SurvivorCount | undefined, sizes: readonly Population[]): Growth {
  const growth = growthOf(sizes)
  const [first, second, third] = sizes.slice(-3)
  if (growth !== 'grows' || !first || !second || !third) return growth
  if (third.size - second.size < MIN_SHARE * now.survivors) return 'fills'
  if (sizes.length === 3) return 'grows'
  const grewBefore =
    before !== undefined && before.survivors >= MIN_GROWTH && second.size - first.size >= MIN_SHARE * before.survivors
  return grewBefore ? 'grows' : 'fills'
}

export function keyOf({ owner, constructorName }: Pick<SurvivorCount, 'owner' | 'constructorName'>): string {
  return `${owner} ${constructorName}`
}

function pick({ owner, constructorName }: SurvivorCount): Pick<SurvivorCount, 'owner' | 'constructorName'> {
  return { owner, constructorName }
}

const indexes = new WeakMap<readonly SurvivorCount[], ReadonlyMap<string, SurvivorCount>>()

function findGroup(groups: readonly SurvivorCount[], wanted: SurvivorCount): SurvivorCount | undefined {
  let index = indexes.get(groups)
  if (!index) {
    index = new Map(groups.map((group) => [keyOf(group), group]))
    indexes.set(groups, index)
  }
  return index.get(keyOf(wanted))
}
