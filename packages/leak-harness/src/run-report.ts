import type { Plan } from './options.ts'
import type { ModuleSettings, Outcomes } from './replay/contract.ts'
import { MAX_DISTINCT } from './replay/distinct.ts'
import type { ContainerReport, JobTypeReport, MeasureReport, RunReport, SurvivorGroup, Verdict } from './result.ts'
import type { Decision } from './stats/decision.ts'
import { conclude, gainOf } from './verdict.ts'
import type { EntriesResult } from './witness/entries.ts'
import type { FiguresResult } from './witness/figures.ts'
import type { Sample } from './witness/sampler.ts'
import type { WatchedGroup } from './witness/survivors.ts'

/** Containers in a report. */
export const MAX_CONTAINERS = 50

/** All that a report is made of. */
export interface RunEvidence {
  readonly module: string
  readonly runtime: { readonly name: string; readonly version: string }
  readonly plan: Plan
  readonly settings: ModuleSettings
  readonly entries: EntriesResult
  readonly figures: FiguresResult
  readonly samples: readonly Sample[]
  readonly outcomes: Outcomes
  readonly notes: readonly string[]
  readonly ms: number
}

/** Judges what was measured and puts it into a report. */
export function toRunReport(evidence: RunEvidence): RunReport {
  const { plan, figures, entries, outcomes } = evidence
  const { verdict, because } = conclude(evidence)
  const measure = (decision: Decision, budget: number): MeasureReport => ({
    slope: orNull(decision.slope),
    low: orNull(decision.low),
    high: orNull(decision.high),
    mde: orNull(decision.mde),
    growth: orNull(decision.growth),
    budget,
    verdict: decision.verdict,
    jobs: figures.jobs,
  })
  return {
    runtime: evidence.runtime,
    module: evidence.module,
    jobs: plan.jobs,
    warmup: plan.warmup,
    concurrency: plan.concurrency,
    verdict,
    because,
    notes: [...evidence.notes, ...notesOf(evidence)],
    jobTypes: outcomes.types.map((type): JobTypeReport => ({ ...type, verdict: typeVerdict(verdict, outcomes) })),
    cohort: {
      born: entries.born,
      survivors: entries.groups.reduce((sum, { series }) => sum + series.last.survivors, 0),
      groups: entries.groups.map(toSurvivorGroup),
    },
    containers: entries.containers.slice(0, MAX_CONTAINERS).map(
      ({ series, state, path }): ContainerReport => ({
        type: series.type,
        name: series.name,
        owner: path.length === 0 ? 'unknown' : path.join(' → '),
        containers: series.containers,
        entries: series.sizes.map(({ size }) => size),
        jobs: series.sizes.map(({ job }) => job),
        perJob: gainOf(series).perJob,
        state,
      }),
    ),
    measures: {
      heap: measure(figures.measures.heap, plan.budget.heap),
      external: measure(figures.measures.external, plan.budget.external),
      rss: measure(figures.measures.rss, plan.budget.rss),
      handles: measure(figures.measures.handles, plan.budget.handles),
    },
    end: figures.end,
    outcomes: {
      done: outcomes.done,
      failed: outcomes.failed,
      ...(outcomes.firstError === undefined ? {} : { firstError: outcomes.firstError }),
    },
    distinctData: outcomes.distinctData ?? 0,
    seed: plan.seed,
    ms: evidence.ms,
    samples: evidence.samples,
    rested: figures.rested,
  }
}

/** Of several job types that were replayed together, which one leaks is not known yet. */
function typeVerdict(verdict: Verdict, { types }: Outcomes): Verdict {
  return verdict === 'leak' && types.length > 1 ? 'undecided' : verdict
}

function notesOf({ plan, figures, entries, outcomes }: RunEvidence): string[] {
  const notes: string[] = []
  const asked = plan.warmup + plan.jobs
  // A fast run weighs nothing.
  if (figures.jobs > 0 && figures.jobs < asked)
    notes.push(`exact mode replayed ${figures.jobs} of ${asked} jobs: ${CUT_SHORT[figures.end]}`)
  if (entries.cutShort) notes.push('cohorts ended early, as memory had grown by 256 MB in them')
  if (outcomes.failed > 0) notes.push(`${outcomes.failed} jobs failed, the first with "${outcomes.firstError}"`)
  const { distinctData = 0 } = outcomes
  if (distinctData < Math.min(outcomes.done + outcomes.failed, MAX_DISTINCT) / 2)
    notes.push(`the jobs had only ${distinctData} different data, so that a cache keyed by it might not show`)
  return notes
}

const CUT_SHORT: Readonly<Record<FiguresResult['end'], string>> = {
  time: 'the time was up',
  memory: 'memory had grown past the limit',
  elsewhere: 'the entries had shown a leak by then',
  decided: 'it was decided by then',
  jobs: 'that was all',
}

function toSurvivorGroup({ series, state, path }: WatchedGroup): SurvivorGroup {
  const { last, sizes } = series
  const [first, end] = [sizes[0], sizes.at(-1)]
  const jobs = Math.max(1, (end?.job ?? 0) - (first?.job ?? 0))
  return {
    constructor: series.constructorName,
    count: last.survivors,
    perJob: ((end?.size ?? 0) - (first?.size ?? 0)) / jobs,
    bytes: last.bytes,
    path,
    state,
  }
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
