import type { EntryCensus } from '../heap/entry-census.ts'
import { type ContainerSeries, confirmGrowth, containerGrowth, entriesAt } from '../heap/entry-growth.ts'
import type { SurvivorSeries } from '../heap/survivor-growth.ts'
import { MAX_GROWTH_BYTES, type Plan } from '../options.ts'
import type { Identities, ReplayProcess } from '../runtimes/driver.ts'
import { SurvivorWatch, type WatchedGroup } from './survivors.ts'

/** Cohorts after which what still grows, but slower each time, is left undecided. */
export const MAX_COHORTS = 6

/**
 * Where the confirming cohort is cut into unequal parts, each of which has to grow. Of all batches that are written out
 * every 10 to 5,500 jobs, none stands higher at each cut of a default run; with one cut eleven do.
 */
export const CONFIRM_CUTS: readonly number[] = [0.23, 0.61]

/**
 * What became of a container that grew at some time.
 * - `leaks`: went on through the idle time and the confirming cohort.
 * - `fills`: was still growing at the end, and slowing down.
 * - `ended`: stands still, or was cleared.
 */
export type ContainerState = 'leaks' | 'fills' | 'ended'

/** What is known of a container that grew at some time. */
export interface WatchedContainer {
  readonly series: ContainerSeries
  readonly state: ContainerState
  /** The shortest way from a root to it, or to one of its class; empty where it could not be found. */
  readonly path: readonly string[]
}

/** What the entries say. */
export interface EntriesResult {
  readonly verdict: 'clean' | 'leak' | 'undecided'
  /** Jobs replayed, warm-up included. */
  readonly jobs: number
  /** Cohorts after the warm-up, confirming ones included. */
  readonly cohorts: number
  /** Containers that grew at some time, the fastest first. */
  readonly containers: readonly WatchedContainer[]
  /** Groups of survivors that grew at some time, the largest first. */
  readonly groups: readonly WatchedGroup[]
  /** What grows in bytes alone, the fastest first: a leak when the heap of the other witness grows, too. */
  readonly heavier: readonly {
    readonly constructorName: string
    readonly bytesPerJob: number
    readonly path: readonly string[]
  }[]
  /** Objects that were born in the last cohort and are there at its end. */
  readonly born: number
  /** Whether a cohort ended early as memory had grown by `MAX_GROWTH_BYTES` in it. */
  readonly cutShort: boolean
}

/** Containers whose owner is looked for. */
const MAX_IDENTIFIED = 20

const NO_IDENTITIES: Identities = { scripts: {}, containers: {} }

/** What the witness goes by, and whom it tells. */
export interface EntriesOptions {
  readonly plan: Plan
  /** Each census goes here as soon as it is taken. */
  readonly counts: EntryCensus[]
  /** Called before it idles for so many ms. */
  readonly onIdle: (ms: number) => void
}

/**
 * The first witness: entries and survivors. After the warm-up it replays cohorts of half the jobs, with a census and a
 * snapshot after each. What grows by the growth rule in two cohorts, is still there after the idle time and goes on in each part of
 * a confirming cohort leaks. What slows down gets another cohort, up to `MAX_COHORTS`.
 */
export async function watchEntries(
  process: ReplayProcess,
  { plan, counts, onIdle }: EntriesOptions,
): Promise<EntriesResult> {
  const survivors = new SurvivorWatch()
  const cohort = new Cohorts(process, plan, counts, survivors)
  const seen = new Map<string, ContainerSeries>()
  const ended = new Set<string>()
  const conclude = async (
    verdict: EntriesResult['verdict'],
    growing: readonly ContainerSeries[],
    surviving: readonly SurvivorSeries[],
  ): Promise<EntriesResult> => {
    const found = [...seen.values()].slice(0, MAX_IDENTIFIED)
    const serials = found.flatMap((series) => serialOf(series, counts) ?? [])
    const heavier = survivors.heavier().slice(0, MAX_IDENTIFIED)
    const isClean = found.length === 0 && heavier.length === 0 && !survivors.hasSeen
    const identities = isClean ? NO_IDENTITIES : await process.identify(serials)
    const paths = survivors.pathsOf(identities)
    return {
      verdict,
      jobs: cohort.jobs,
      cohorts: cohort.count,
      containers: [...seen].map(([key, series]) => ({
        series: { ...series, sizes: entriesAt(series, counts) },
        state: growing.some((one) => keyOf(one) === key) ? (verdict === 'leak' ? 'leaks' : 'fills') : 'ended',
        path: paths.get(serialOf(series, counts) ?? 0) ?? [],
      })),
      groups: survivors.groups(verdict === 'leak' ? surviving : [], surviving, identities),
      heavier: heavier.map((group) => ({
        constructorName: group.constructorName,
        bytesPerJob: group.bytesPerJob,
        path: survivors.pathOf(group, identities),
      })),
      born: survivors.born,
      cutShort: cohort.cutShort,
    }
  }
  const growingNow = (): ContainerSeries[] => {
    const growing = containerGrowth(counts).filter((series) => !ended.has(keyOf(series)))
    for (const series of growing) seen.set(keyOf(series), series)
    return growing
  }

  await cohort.warmUp()
  await cohort.replay()
  for (;;) {
    await cohort.replay()
    let growing = growingNow()
    let surviving = survivors.growing()
    const suspects = growing.filter((series) => series.growth === 'grows')
    const kept = surviving.filter((series) => series.growth === 'grows')
    if (suspects.length > 0 || kept.length > 0) {
      onIdle(plan.lifetimeMs)
      await process.idle(plan.lifetimeMs)
      await cohort.replay(CONFIRM_CUTS)
      const confirmations = suspects.map(
        (series) => [series, confirmGrowth(series, counts, CONFIRM_CUTS.length + 1)] as const,
      )
      const confirmed = confirmations.filter(([, confirmation]) => confirmation === 'grows').map(([series]) => series)
      const leaking = survivors.confirm(kept)
      if (confirmed.length > 0 || leaking.length > 0) return conclude('leak', confirmed, leaking)
      for (const [series, confirmation] of confirmations) if (confirmation === 'ended') ended.add(keyOf(series))
      growing = growingNow()
      surviving = survivors.growing()
    }
    if (growing.length === 0 && surviving.length === 0) return conclude('clean', [], [])
    if (cohort.count >= MAX_COHORTS) return conclude('undecided', growing, surviving)
  }
}

/** Of a class, one that changed in the last census stands for all. */
function serialOf({ type, name, serial }: ContainerSeries, counts: readonly EntryCensus[]): number | undefined {
  if (serial !== undefined) return serial
  return counts.at(-1)?.classes.find((one) => one.type === type && one.name === name)?.changed[0]?.serial
}

function keyOf({ type, name, serial }: ContainerSeries): string {
  return `${type} ${name} ${serial}`
}

/** Replays cohorts, with a census after each. */
class Cohorts {
  readonly #process: ReplayProcess
  readonly #plan: Plan
  readonly #counts: EntryCensus[]
  readonly #survivors: SurvivorWatch
  jobs = 0
  count = 0
  cutShort = false

  constructor(process: ReplayProcess, plan: Plan, counts: EntryCensus[], survivors: SurvivorWatch) {
    this.#survivors = survivors
    this.#process = process
    this.#plan = plan
    this.#counts = counts
  }

  async warmUp(): Promise<void> {
    await this.#run(this.#plan.warmup)
    // The first of each is thrown away: it pays for what is made once.
    await this.#process.census()
    await this.#process.snapshot()
    this.#counts.push(await this.#process.census())
    await this.#survivors.look(this.#process, this.jobs)
  }

  /** Replays half the jobs. `cuts` are where to take further censuses within them, as shares of the cohort. */
  async replay(cuts: readonly number[] = []): Promise<void> {
    const cohort = Math.max(2, Math.ceil(this.#plan.jobs / 2))
    let done = 0
    for (const end of [...cuts.map((cut) => Math.ceil(cohort * cut)), cohort]) {
      await this.#run(end - done, cuts.length + 1)
      this.#counts.push(await this.#process.census())
      done = end
    }
    await this.#survivors.look(this.#process, this.jobs)
    this.count++
  }

  /** What has been cut short once grows fast enough to show in less: a census of gigabytes takes minutes. */
  async #run(jobs: number, parts = 1): Promise<void> {
    if (jobs === 0) return
    const maxGrowth = MAX_GROWTH_BYTES / parts / (this.cutShort ? 4 : 1)
    const result = await this.#process.run(jobs, { concurrency: this.#plan.concurrency, maxGrowth })
    this.jobs += result.jobs
    this.cutShort ||= result.stopped
  }
}
