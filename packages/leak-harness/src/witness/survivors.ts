import { type Reached, reach } from '../heap/reachability.ts'
import { retainingPath } from '../heap/retaining-path.ts'
import { highestId, type Snapshot } from '../heap/snapshot.ts'
import { keyOf, type SurvivorCensus, type SurvivorSeries, survivorGrowth } from '../heap/survivor-growth.ts'
import { countSurvivors } from '../heap/survivors.ts'
import type { ReplayProcess } from '../runtimes/driver.ts'

/** Groups for which a path is told. */
const MAX_GROUPS = 20

/** What is known of a group of survivors that grew at some time. */
export interface WatchedGroup {
  readonly series: SurvivorSeries
  readonly state: 'leaks' | 'fills' | 'ended'
  /** The shortest way from a root to one of them. */
  readonly path: readonly string[]
}

/** Watches what survives the cohort after the one in which it was born. */
export class SurvivorWatch {
  readonly #bounds: number[] = []
  readonly #counts: SurvivorCensus[] = []
  readonly #seen = new Map<string, WatchedGroup>()
  #last: { readonly snapshot: Snapshot; readonly reached: Reached } | undefined

  /** Takes a snapshot; the first one is where the first cohort begins. */
  async look(process: ReplayProcess, job: number): Promise<void> {
    // One at a time: a heap of gigabytes is not to be held twice.
    this.#last = undefined
    const snapshot = await process.snapshot()
    const reached = reach(snapshot)
    this.#bounds.push(Math.max(highestId(snapshot), this.#bounds.at(-1) ?? 0))
    this.#counts.push({ job, groups: countSurvivors(snapshot, reached, this.#bounds) })
    this.#last = { snapshot, reached }
  }

  /** The groups that grow or fill by now. */
  growing(): readonly SurvivorSeries[] {
    const growing = survivorGrowth(this.#counts)
    for (const series of growing.slice(0, MAX_GROUPS)) this.#note(series)
    return growing
  }

  /** Those of the suspects that go on, now that the confirming cohort is over. */
  confirm(suspects: readonly SurvivorSeries[]): readonly SurvivorSeries[] {
    const keys = new Set(suspects.map(keyOf))
    return this.growing().filter((series) => series.growth === 'grows' && keys.has(keyOf(series)))
  }

  /** All that grew at some time, the largest first. */
  groups(leaking: readonly SurvivorSeries[], growing: readonly SurvivorSeries[]): readonly WatchedGroup[] {
    const leaks = new Set(leaking.map(keyOf))
    const fills = new Set(growing.map(keyOf))
    return [...this.#seen.values()]
      .map((group) => {
        const key = keyOf(group.series)
        return {
          ...group,
          state: leaks.has(key) ? ('leaks' as const) : fills.has(key) ? ('fills' as const) : ('ended' as const),
        }
      })
      .sort((a, b) => b.series.last.survivors - a.series.last.survivors)
  }

  #note(series: SurvivorSeries): void {
    const { example } = series.last
    if (!this.#last || example === undefined) return
    const { snapshot, reached } = this.#last
    this.#seen.set(keyOf(series), { series, state: 'fills', path: retainingPath(snapshot, reached, example) })
  }
}
