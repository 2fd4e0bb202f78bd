import { type BaselineReport, isAccepted } from './baseline/baseline-report.ts'
import type { BleedReport } from './bleed/bleed-report.ts'
import type { HarnessErrorCode } from './errors.ts'
import type { ContainerType } from './heap/entry-census.ts'
import type { Reading } from './runtimes/driver.ts'
import type { MeasureVerdict } from './stats/decision.ts'
import type { ContainerState } from './witness/entries.ts'
import type { FiguresEnd, Measure } from './witness/figures.ts'
import type { Sample } from './witness/sampler.ts'

/** The verdict on a run. */
export type Verdict = 'flat' | 'leak' | 'undecided'

/** The figures of one measure. Numbers are null when there were too few samples. */
export interface MeasureReport {
  /** Theil–Sen slope of the floor, in units a job. */
  readonly slope: number | null
  /** Lower end of the slope's 95 % interval. */
  readonly low: number | null
  /** Upper end of the slope's 95 % interval. */
  readonly high: number | null
  /** Smallest growth a job that would have been seen: 2.8 standard errors. */
  readonly mde: number | null
  /** Net growth of the floor a job, across the window. */
  readonly growth: number | null
  /** What it may grow by a job. */
  readonly budget: number
  readonly verdict: MeasureVerdict
  /** Jobs replayed, warm-up included; the last half of them is the window. */
  readonly jobs: number
}

/** A container that gained entries at some time. */
export interface ContainerReport {
  readonly type: ContainerType
  /** Constructor: the type's own name, or a subclass. */
  readonly name: string
  /** Who holds it, where that could be told; else `unknown`. */
  readonly owner: string
  /** Containers that this is of: more than one for a class of them. */
  readonly containers: number
  /** Entries at each census; of a class, what its containers gained since the first. */
  readonly entries: readonly number[]
  /** Jobs done at each census. */
  readonly jobs: readonly number[]
  /** Entries gained a job, from the first census to the last. */
  readonly perJob: number
  readonly state: ContainerState
}

/** One group of survivors: objects of one constructor, kept by one owner. */
export interface SurvivorGroup {
  readonly constructor: string
  /** Of the last cohort: what was born in it and still there one cohort later. */
  readonly count: number
  /** Gained a job, from the first snapshot to the last. */
  readonly perJob: number
  readonly bytes: number
  /** The shortest way from a root to one of them. */
  readonly path: readonly string[]
  readonly state: ContainerState
}

/** What became of the jobs of one name. */
export interface JobTypeReport {
  readonly name: string
  /** Of several types: that of the whole run where it is not a leak; else of the type alone, `undecided` where it was not replayed. */
  readonly verdict: Verdict
  /** Why, where it was replayed alone. */
  readonly because?: string
  readonly done: number
  readonly failed: number
}

/** One module judged in one runtime. */
export interface RunReport {
  readonly runtime: { readonly name: string; readonly version: string }
  readonly module: string
  /** Jobs asked for, warm-up not included. */
  readonly jobs: number
  readonly warmup: number
  readonly concurrency: number
  readonly verdict: Verdict
  /** Why, in one sentence. */
  readonly because: string
  /** What a reader should know and what did not change the verdict. */
  readonly notes: readonly string[]
  readonly jobTypes: readonly JobTypeReport[]
  readonly cohort: {
    /** Objects that were born in the last cohort and are there at its end. */
    readonly born: number
    /** Objects of the groups below that were born in the cohort before it and are still there. */
    readonly survivors: number
    readonly groups: readonly SurvivorGroup[]
  }
  /** Those that gained entries at some time, the fastest first. */
  readonly containers: readonly ContainerReport[]
  readonly measures: Readonly<Record<Measure, MeasureReport>>
  /** Why exact mode replayed no more jobs. */
  readonly end: FiguresEnd
  /** Of the process that counts entries, warm-up and confirming cohort included. */
  readonly outcomes: { readonly done: number; readonly failed: number; readonly firstError?: string }
  /** Different job data that the process saw, counted up to 65,536. */
  readonly distinctData: number
  readonly seed: number
  /** Job types whose state reaches others; absent when that was not asked for, or could not be checked. */
  readonly bleed?: BleedReport
  /** What the baseline says of its leaks; absent when there is none. */
  readonly baseline?: BaselineReport
  /** How long it took, in ms. */
  readonly ms: number
  readonly samples: readonly Sample[]
  /** Readings after an idle time each, where the samples could not tell. */
  readonly rested: readonly Reading[]
}

/** A run that came to no verdict. */
export interface FailedRun {
  readonly runtime: { readonly name: string; readonly version: string | null }
  readonly module: string
  readonly code: HarnessErrorCode
  readonly error: string
  /** What was measured before it failed. */
  readonly partial: {
    readonly outcomes: { readonly done: number; readonly failed: number; readonly firstError?: string } | null
    readonly distinctData: number | null
    /** Jobs done at each census, and the entries of all containers then. */
    readonly censuses: readonly { readonly job: number; readonly entries: number }[]
    readonly samples: readonly Sample[]
  }
}

/** All runs of one call. */
export interface HarnessReport {
  readonly version: 1
  /** How it was judged, so that anyone can judge again. */
  readonly method: Method
  readonly runs: readonly RunReport[]
  readonly failed: readonly FailedRun[]
}

/** The constants of the method. */
export interface Method {
  readonly slope: 'theil-sen'
  readonly interval: 'moving-block bootstrap of residuals, 95 %'
  readonly resamples: number
  readonly floorOf: number
  readonly window: 'last half of the run, from job 0'
  readonly mdeStandardErrors: number
  readonly maxDoublings: number
  readonly minGrowth: number
  readonly decay: number
  readonly maxCohorts: number
  readonly confirmCuts: readonly number[]
  readonly waveFactor: number
}

/**
 * The exit code of a report: 0 flat, or leaks that a baseline accepts, 1 leak or bleeding, 2 undecided (0 when that is
 * allowed), 3 a run failed or there was none. A leak goes before a failed run, and that before what is undecided, such
 * as a bleed check in which nothing could be compared.
 */
export function exitCodeOf(report: HarnessReport, options: { readonly allowUndecided?: boolean } = {}): 0 | 1 | 2 | 3 {
  const verdicts = report.runs.map((run) => (isAccepted(run) ? 'flat' : run.verdict))
  const bleeds = report.runs.flatMap(({ bleed }) => bleed ?? [])
  if (verdicts.includes('leak') || bleeds.some(({ verdict }) => verdict === 'bleeds')) return 1
  if (report.failed.length > 0 || verdicts.length === 0) return 3
  const isUndecided = verdicts.includes('undecided') || bleeds.some(({ verdict }) => verdict === 'undecided')
  return isUndecided && !options.allowUndecided ? 2 : 0
}
