import { type Reached, reach } from '../heap/reachability.ts'
import { retainingPath, type Step, toPath } from '../heap/retaining-path.ts'
import { highestId, type Snapshot } from '../heap/snapshot.ts'
import {
  type HeavierGroup,
  heavierGroups,
  keyOf,
  type SurvivorCensus,
  type SurvivorSeries,
  survivorGrowth,
} from '../heap/survivor-growth.ts'
import { ANY_OWNER, countSurvivors, withTotals } from '../heap/survivors.ts'
import type { Identities, ReplayProcess } from '../runtimes/driver.ts'

/** Groups for which a path is told. */
const MAX_GROUPS = 20

/** What is known of a group of survivors that grew at some time. */
export interface WatchedGroup {
  readonly series: SurvivorSeries
  readonly state: 'leaks' | 'fills' | 'ended'
  /** The shortest way from a root to one of them. */
  readonly path: readonly string[]
}

/** A group, its path as it is in the snapshot. */
type SeenGroup = Omit<WatchedGroup, 'path' | 'state'> & { readonly steps: readonly Step[] }

/** Watches what survives the cohort after the one in which it was born. */
export class SurvivorWatch {
  readonly #bounds: number[] = []
  readonly #counts: SurvivorCensus[] = []
  readonly #seen = new Map<string, SeenGroup>()
  #last: { readonly snapshot: Snapshot; readonly reached: Reached } | undefined

  /** Takes a snapshot; the first one is where the first cohort begins. */
  async look(process: ReplayProcess, job: number): Promise<void> {
    // One at a time: a heap of gigabytes is not to be held twice.
    this.#last = undefined
    const snapshot = await process.snapshot()
    const reached = reach(snapshot)
    this.#bounds.push(Math.max(highestId(snapshot), this.#bounds.at(-1) ?? 0))
    this.#counts.push({ job, groups: withTotals(countSurvivors(snapshot, reached, this.#bounds)) })
    this.#last = { snapshot, reached }
  }

  /** The groups that grow or fill by now. */
  growing(): readonly SurvivorSeries[] {
    const growing = survivorGrowth(this.#counts)
    const gravest = [...growing].sort((a, b) => Number(b.growth === 'grows') - Number(a.growth === 'grows'))
    for (const series of gravest.slice(0, MAX_GROUPS)) this.#note(series)
    return growing
  }

  /** Objects that were born in the last cohort and are there at its end. */
  get born(): number {
    const groups = this.#counts.at(-1)?.groups.filter(({ owner }) => owner !== ANY_OWNER) ?? []
    return groups.reduce((sum, { born }) => sum + born, 0)
  }

  /** Groups that grow in bytes alone, the fastest first. */
  heavier(): readonly HeavierGroup[] {
    return heavierGroups(this.#counts).sort((a, b) => b.bytesPerJob - a.bytesPerJob)
  }

  /** The way to one of a group, in the last snapshot. */
  pathOf({ last }: HeavierGroup, { scripts }: Pick<Identities, 'scripts'>): readonly string[] {
    if (!this.#last || last.latest === undefined) return []
    return toPath(retainingPath(this.#last.snapshot, this.#last.reached, last.latest), scripts)
  }

  /** Whether any group grew at some time. */
  get hasSeen(): boolean {
    return this.#seen.size > 0
  }

  /** Those of the suspects that go on, now that the confirming cohort is over. */
  confirm(suspects: readonly SurvivorSeries[]): readonly SurvivorSeries[] {
    const keys = new Set(suspects.map(keyOf))
    return this.growing().filter((series) => series.growth === 'grows' && keys.has(keyOf(series)))
  }

  /** All that grew at some time: those whose constructor says most first, and of those the largest. */
  groups(
    leaking: readonly SurvivorSeries[],
    growing: readonly SurvivorSeries[],
    { scripts }: Pick<Identities, 'scripts'>,
  ): readonly WatchedGroup[] {
    const leaks = new Set(leaking.map(keyOf))
    const fills = new Set(growing.map(keyOf))
    const stateOf = (series: SurvivorSeries): WatchedGroup['state'] =>
      leaks.has(keyOf(series)) ? 'leaks' : fills.has(keyOf(series)) ? 'fills' : 'ended'
    const groups = [...this.#seen.values()].map(({ series, steps }) => ({
      series,
      state: stateOf(series),
      path: toPath(steps, scripts),
    }))
    const own = groups.filter(({ series }) => series.owner !== ANY_OWNER)
    const totals = groups.filter(({ series }) => series.owner === ANY_OWNER)
    // One and the same objects: told of their owners, unless they leak only when taken together.
    const told = totals.filter(
      (total) => !own.some((one) => isAlike(one, total) && (total.state !== 'leaks' || one.state === 'leaks')),
    )
    return [...own.filter((one) => !told.some((total) => isAlike(one, total))), ...told].sort(
      (a, b) => vaguenessOf(a) - vaguenessOf(b) || b.series.last.survivors - a.series.last.survivors,
    )
  }

  /** The shortest way to each container in the last snapshot, by serial number. */
  pathsOf({ containers, scripts }: Identities): ReadonlyMap<number, readonly string[]> {
    const serials = new Map(Object.entries(containers).map(([serial, id]) => [id, Number(serial)]))
    const paths = new Map<number, readonly string[]>()
    if (!this.#last || serials.size === 0) return paths
    const { snapshot, reached } = this.#last
    for (const node of reached.order) {
      const serial = serials.get(snapshot.id[node] as number)
      if (serial !== undefined) paths.set(serial, toPath(retainingPath(snapshot, reached, node), scripts))
    }
    return paths
  }

  #note(series: SurvivorSeries): void {
    const { example } = series.last
    if (!this.#last || example === undefined) return
    const { snapshot, reached } = this.#last
    this.#seen.set(keyOf(series), { series, steps: retainingPath(snapshot, reached, example) })
  }
}

function isAlike(a: WatchedGroup, b: WatchedGroup): boolean {
  return a.series.constructorName === b.series.constructorName
}

/** A class of the user's says more than an object or array, and those more than a string, a closure or its variables. */
function vaguenessOf({ series: { constructorName } }: WatchedGroup): number {
  if (/^\(|^system \//.test(constructorName)) return 2
  return constructorName === 'Object' || constructorName === 'Array' ? 1 : 0
}
