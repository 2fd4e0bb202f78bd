import { type Growth, growthOf, MIN_GROWTH, type Population, paceOf } from './growth-rule.ts'
import { ANY_OWNER, type SurvivorCount } from './survivors.ts'

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

/** A group of objects that do not become more, and larger. */
export interface HeavierGroup {
  readonly constructorName: string
  readonly last: SurvivorCount
  /** Over the last two cohorts. */
  readonly bytesPerJob: number
}

/** Bytes a job under which a group does not count as growing heavier. */
const MIN_BYTES_PER_JOB = 1

/**
 * Groups whose bytes grow in each of the last two cohorts, at no less than half the pace, while there are no more of
 * them: one text that is added to, made anew each time. By itself that says little, as sizes vary.
 */
export function heavierGroups(counts: readonly SurvivorCensus[]): HeavierGroup[] {
  const [first, second, third] = counts.slice(-3)
  if (!first || !second || !third) return []
  return third.groups.flatMap((last) => {
    if (last.owner === ANY_OWNER) return []
    const sizes = [first, second].map(({ job, groups }) => ({ job, size: findGroup(groups, last)?.bytes ?? 0 }))
    const bytes = [...sizes, { job: third.job, size: last.bytes }] as [Population, Population, Population]
    const populations = counts.map(({ job, groups }) => ({ job, size: findGroup(groups, last)?.population ?? 0 }))
    if (growthOf(populations) !== 'still' || growthOf(bytes) !== 'grows' || last.latest === undefined) return []
    const bytesPerJob = paceOf(bytes[0], bytes[2])
    return bytesPerJob < MIN_BYTES_PER_JOB ? [] : [{ constructorName: last.constructorName, last, bytesPerJob }]
  })
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
