import type { Plan } from '../options.ts'
import type { Budget } from '../replay/contract.ts'
import type { Reading, ReplayProcess } from '../runtimes/driver.ts'
import { type Decision, judgeCurve, type MeasureVerdict, UNREAD } from '../stats/decision.ts'
import { restingGrowth } from '../stats/resting.ts'
import { type Point, theilSen } from '../stats/theil-sen.ts'
import { type CutShort, type Sample, Sampler, type SamplerOptions } from './sampler.ts'

/** Samples in the last half of a run; a run that is doubled has twice as many in its own, as it was not quiet. */
export const SAMPLES_PER_WINDOW = 84

/** Samples in the first half of a run, which is shown, and judged only when the time is up early. */
export const SAMPLES_BEFORE_WINDOW = 36

/** A run that decides nothing is doubled this often. */
export const MAX_DOUBLINGS = 2

/** Where a wave comes back to may rise by this many budgets: between two samples a batch takes far more than one a job. */
export const WAVE_FACTOR = 8

/** Measures that a batch of jobs moves in waves, and whose smallest leak (16 bytes a job) is above what waves may rise by. */
const WAVES: readonly Measure[] = ['heap', 'external']

/** Verdicts with which a measure is no doubt. */
export const STANDS_STILL: readonly MeasureVerdict[] = ['flat', 'waves', 'rests', 'unread']

/** Readings at rest, and the share of the run that is replayed before each. */
const RESTED_READINGS = 5
const RESTED_SHARE = 8

/** What is judged by its figures a job. */
export type Measure = keyof Budget

/** The measures, in the order of reports. */
export const MEASURES: readonly Measure[] = ['heap', 'external', 'rss', 'handles']

/** Why no more jobs were replayed: it was decided, it was doubled as often as it may be, or something cut it short. */
export type FiguresEnd = 'decided' | 'jobs' | CutShort

/** What the figures say. */
export interface FiguresResult {
  /** Jobs replayed, warm-up included: the curves are judged from job 0. */
  readonly jobs: number
  readonly measures: Readonly<Record<Measure, Decision>>
  /** Compiled code, which is a part of the heap; judged when that grows. */
  readonly code: Decision | undefined
  readonly end: FiguresEnd
  /** Readings after an idle time each; none where that was not needed. */
  readonly rested: readonly Reading[]
}

/**
 * The second witness: figures per job, in a process whose engine is quiet. Replays warm-up and jobs, judges each
 * measure over the last half, and doubles the run while one of them is undecided. A measure that grows in the first
 * run has to do so in a doubled one too, unless that is cut short: the later window is twice as long, and a cache that
 * was still filling is full by then.
 */
export async function watchFigures(process: ReplayProcess, options: SamplerOptions): Promise<FiguresResult> {
  const { plan, samples, isDecided } = options
  const sampler = new Sampler(process, options)
  let rested: readonly Reading[] = []
  let cut = await sampler.replay(Math.ceil((plan.warmup + plan.jobs) / 2), SAMPLES_BEFORE_WINDOW)
  for (let doublings = 0; ; doublings++) {
    const times = 2 ** doublings
    cut ??= await sampler.replay((plan.warmup + plan.jobs) * times, SAMPLES_PER_WINDOW * times)
    let measures = judgeSamples(samples, sampler.jobs, plan, process.reads)
    if (cut === undefined && doublings === MAX_DOUBLINGS && dependsOnTime(measures) && mayRest(plan)) {
      rested = await sampler.replayAndRest(Math.ceil((plan.warmup + plan.jobs) / RESTED_SHARE), RESTED_READINGS)
      measures = withRested(measures, rested, plan)
    }
    const code = measures.heap.verdict === 'grows' ? judgeCode(samples, sampler.jobs, plan) : undefined
    const judged = { jobs: sampler.jobs, measures, code, rested }
    if (cut !== undefined) return { ...judged, end: cut }
    if (isSettled(measures, doublings)) return { ...judged, end: 'decided' }
    if (isDecided()) return { ...judged, end: 'elsewhere' }
    if (doublings === MAX_DOUBLINGS) return { ...judged, end: 'jobs' }
  }
}

/** Whether all that is left is what may follow the clock and not the jobs: what lives for a second is more on a fast machine. */
function dependsOnTime(measures: Readonly<Record<Measure, Decision>>): boolean {
  const open = MEASURES.filter((measure) => !STANDS_STILL.includes(measures[measure].verdict))
  return (
    open.length > 0 && open.every((measure) => WAVES.includes(measure) && measures[measure].verdict === 'undecided')
  )
}

/** Whether there is time for it: a lifetime may be of hours. */
function mayRest({ lifetimeMs, timeMs }: Plan): boolean {
  return RESTED_READINGS * lifetimeMs <= timeMs
}

/** Calls flat at rest what does not grow from one idle time to the next. */
function withRested(
  measures: Readonly<Record<Measure, Decision>>,
  rested: readonly Reading[],
  { budget }: Plan,
): Record<Measure, Decision> {
  const judge = (measure: 'heap' | 'external'): Decision => {
    const points = rested.map((reading) => ({ x: reading.job, y: reading[measure] }))
    const rests = measures[measure].verdict === 'undecided' && restingGrowth(points) <= budget[measure]
    return rests ? { ...measures[measure], verdict: 'rests' } : measures[measure]
  }
  return { ...measures, heap: judge('heap'), external: judge('external') }
}

/** Whether more jobs could not change what is said. */
function isSettled(measures: Readonly<Record<Measure, Decision>>, doublings: number): boolean {
  const verdicts = MEASURES.map((measure) => measures[measure].verdict)
  if (verdicts.every((verdict) => STANDS_STILL.includes(verdict))) return true
  if (doublings === 0) return false
  return (
    !verdicts.includes('undecided') ||
    MEASURES.some((measure) => measure !== 'heap' && measures[measure].verdict === 'grows')
  )
}

/** Judges samples over a run of so many jobs, warm-up included; what the runtime does not read is left out. The same samples, budget and seed give the same answer. */
export function judgeSamples(
  samples: readonly Sample[],
  jobs: number,
  { budget, seed }: Pick<Plan, 'budget' | 'seed'>,
  reads: readonly Measure[] = MEASURES,
): Record<Measure, Decision> {
  const judge = (measure: Measure): Decision => {
    if (!reads.includes(measure)) return UNREAD
    const waveBudget = WAVES.includes(measure) ? WAVE_FACTOR * budget[measure] : 0
    return judgeCurve(toCurve(samples, measure), jobs, { budget: budget[measure], waveBudget, seed })
  }
  return { heap: judge('heap'), external: judge('external'), rss: judge('rss'), handles: judge('handles') }
}

/** Judges the bytes of compiled code, which are a part of the heap, by its budget. */
export function judgeCode(
  samples: readonly Sample[],
  jobs: number,
  { budget, seed }: Pick<Plan, 'budget' | 'seed'>,
): Decision {
  const curve = samples.map((s) => ({ x: s.job, y: s.code }))
  return judgeCurve(curve, jobs, { budget: budget.heap, seed })
}

/** One measure's curve. Handles are descriptors, active resources and listeners together. */
export function toCurve(samples: readonly Sample[], measure: Measure): Point[] {
  return samples.map((s) => ({
    x: s.job,
    y: measure === 'handles' ? s.descriptors + s.resources + s.listeners : s[measure],
  }))
}

/** The slope of the heap over the latest samples, for the eye: NaN before there are two. */
export function currentSlope(samples: readonly Sample[]): number {
  return theilSen(toCurve(samples.slice(Math.floor(samples.length / 2)).slice(-30), 'heap')).slope
}
