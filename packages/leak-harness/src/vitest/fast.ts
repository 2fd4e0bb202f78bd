import { HarnessError } from '../errors.ts'
import type { EntryCensus } from '../heap/entry-census.ts'
import { toStartOptions } from '../judge-runtime.ts'
import { METHOD } from '../method.ts'
import { problemWith } from '../option-check.ts'
import { type Plan, toPlan } from '../options.ts'
import { checkOutcomes } from '../outcomes.ts'
import { formatCount } from '../report/format.ts'
import type { FailedRun, HarnessReport, RunReport } from '../result.ts'
import type { HarnessOptions } from '../run-harness.ts'
import { toRunReport } from '../run-report.ts'
import type { ReplayProcess, RuntimeDriver } from '../runtimes/driver.ts'
import { driverOf } from '../runtimes/drivers.ts'
import { type EntriesResult, watchEntries } from '../witness/entries.ts'
import { type FiguresResult, judgeSamples } from '../witness/figures.ts'

/** How long the jobs of two cohorts may take in a fast run, in ms. */
export const FAST_MS = 300

/** Jobs of a fast run at least, however long they take: a cache that is larger looks like a leak. */
export const MIN_FAST_JOBS = 400

/** How long things may live after their last use in a fast run, in ms. Waited for only when something gathers. */
export const FAST_LIFETIME_MS = 3_000

/** The warm-up is this part of the jobs, as it is by default in a full run. */
const WARMUP_SHARE = 5

/** Jobs by which the time of one is told: the first of them compile the code. */
const PROBES: readonly number[] = [50, 50]

/** What a fast run says of a module in which nothing gathers. */
const NOT_WEIGHED = 'memory was not weighed, as in a full run'

/**
 * Judges a module by the first witness alone, in one process a runtime: objects that survive and containers that gain
 * entries. As many jobs are replayed as fit in `FAST_MS`, up to `jobs`, so that it takes one to two seconds when nothing
 * gathers. It shows no more than that: such a run is `undecided`, and never `flat`.
 * @param minJobs jobs to replay at least, however long they take; default `MIN_FAST_JOBS`
 * @throws {HarnessError} as `runHarness` does.
 */
export async function runFast(options: HarnessOptions, minJobs: number = MIN_FAST_JOBS): Promise<HarnessReport> {
  const problem = problemWith({ ...options })
  if (problem) throw new HarnessError('HARNESS_USAGE', `the run cannot be started: ${problem}`)
  const runs: RunReport[] = []
  const failed: FailedRun[] = []
  for (const driver of (options.runtimes ?? ['node']).map(driverOf)) {
    try {
      runs.push(await judge(driver, options, minJobs))
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error
      failed.push(toFailedRun(driver, options, error))
    }
  }
  return { version: 1, method: METHOD, runs, failed }
}

async function judge(driver: RuntimeDriver, options: HarnessOptions, minJobs: number): Promise<RunReport> {
  const startedAt = performance.now()
  const signal = options.signal ?? new AbortController().signal
  const tell = (jobs: number, idleMs?: number): void =>
    options.onProgress?.({
      runtime: driver.name,
      jobs: { exact: 0, jit: jobs },
      of: undefined,
      samples: 0,
      slope: Number.NaN,
      idleMs,
    })
  let jobs = 0
  const onProgress = (done: number): void => {
    jobs = done
    tell(jobs)
  }
  await using process = await driver.start(toStartOptions(options, 'jit', signal, onProgress))
  const { settings, runtime } = process
  const asked = toPlan(options, settings)
  const plan = await planFor(process, { ...asked, lifetimeMs: settings.lifetime.ms ?? FAST_LIFETIME_MS }, minJobs)
  const counts: EntryCensus[] = []
  const entries = await watchEntries(process, { plan, counts, onIdle: (ms) => tell(jobs, ms) })
  const outcomes = await process.outcomes()
  checkOutcomes(outcomes, plan, settings)
  const problem = await process.end()
  const report = toRunReport({
    module: options.module,
    runtime,
    plan,
    settings,
    entries,
    figures: noFigures(plan),
    samples: [],
    outcomes,
    notes: problem === undefined ? [] : [`the teardown failed: ${problem}`],
    ms: Math.round(performance.now() - startedAt),
  })
  const done = formatCount(outcomes.done + outcomes.failed)
  if (entries.verdict !== 'leak') return { ...report, because: describe(entries, done) }
  const note = `a fast run: ${NOT_WEIGHED}, and a cache that is bounded but larger than its ${done} jobs looks like this too`
  return { ...report, notes: [...report.notes, note] }
}

/** As many jobs as fit. What fails every job is told now, and not after thousands. */
async function planFor(process: ReplayProcess, plan: Plan, minJobs: number): Promise<Plan> {
  let msPerJob = 0
  for (const probe of PROBES) {
    const { jobs, ms } = await process.run(probe, { concurrency: plan.concurrency, maxGrowth: Number.MAX_SAFE_INTEGER })
    msPerJob = ms / Math.max(1, jobs)
  }
  checkOutcomes(await process.outcomes(), plan, process.settings)
  const jobs = Math.min(plan.jobs, Math.max(minJobs, Math.floor(FAST_MS / Math.max(msPerJob, Number.EPSILON))))
  const warmup = Math.ceil(jobs / WARMUP_SHARE)
  return { ...plan, jobs, warmup: Math.max(Math.min(plan.warmup, warmup), process.settings.lifetime.jobs ?? 0) }
}

function noFigures(plan: Plan): FiguresResult {
  return { jobs: 0, measures: judgeSamples([], 0, plan), code: undefined, end: 'elsewhere', rested: [] }
}

function describe({ verdict, containers, groups }: EntriesResult, jobs: string): string {
  if (verdict === 'clean') return `nothing gathers in ${jobs} jobs; ${NOT_WEIGHED}`
  const fills = [...containers, ...groups].filter(({ state }) => state === 'fills')
  return `${fills.length} containers or groups of objects were still filling after ${jobs} jobs; ${NOT_WEIGHED}`
}

function toFailedRun(driver: RuntimeDriver, { module }: HarnessOptions, error: HarnessError): FailedRun {
  return {
    runtime: { name: driver.name, version: null },
    module,
    code: error.code,
    error: error.message,
    partial: { outcomes: null, distinctData: null, censuses: [], samples: [] },
  }
}
