import type { BleedReport } from './bleed/bleed-report.ts'
import { checkModule } from './bleed/check-module.ts'
import { HarnessError } from './errors.ts'
import { judgeRuntime, toStartOptions } from './judge-runtime.ts'
import { judgeTypes } from './judge-types.ts'
import { METHOD } from './method.ts'
import { problemWith } from './option-check.ts'
import type { PlanOptions } from './options.ts'
import type { Progress } from './progress.ts'
import type { FailedRun, HarnessReport, RunReport } from './result.ts'
import type { RuntimeDriver, WorkerUnderTest } from './runtimes/driver.ts'
import { driverOf } from './runtimes/drivers.ts'

/** What `runHarness` takes. What is left out is the module's own (`export const harness`), else the default. */
export interface HarnessOptions extends PlanOptions {
  /** Absolute path of the module under test. */
  readonly module: string
  /** What the report calls it. Default its path. */
  readonly label?: string | undefined
  /** Runtimes to judge it in, one after another. Default `['node']`; of a Worker `['workerd']`. */
  readonly runtimes?: readonly string[]
  /** Absolute path of a JSONL trace of jobs to replay. */
  readonly trace?: string | undefined
  /**
   * A Cloudflare Worker as it stands, whose `queue` handler gets the messages of `trace`; `module` is the path of its
   * configuration then, and the runtime workerd.
   */
  readonly worker?: WorkerUnderTest | undefined
  /** Whether jobs may reach the network, where the runtime can tell: workerd. Default `block`. */
  readonly outbound?: 'block' | 'allow' | undefined
  /** Modules for the runtime to load first (`--import`). */
  readonly imports?: readonly string[]
  /** Working directory of the processes under test. Default: this process' own. */
  readonly cwd?: string
  /** Environment variables for the processes under test, on top of this process' own. */
  readonly env?: Readonly<Record<string, string>>
  /** How long no job may finish before the run has failed, in ms. Default 30 s; `timeMs` where that is shorter, 10 s at least. */
  readonly stallMs?: number | undefined
  /** Whether to look for job types whose state reaches others, too. Default false. */
  readonly bleed?: boolean | undefined
  /** Told how far it is. */
  readonly onProgress?: (progress: Progress) => void
  /** Ends all processes and fails the run. */
  readonly signal?: AbortSignal
}

/**
 * Judges a module: replays its jobs in each runtime, in two processes side by side, and says whether memory a job is
 * flat. A run that fails is in the report's `failed`, with what was measured; the others go on.
 * @throws {HarnessError} `HARNESS_NOT_AVAILABLE` for a runtime that this version does not have, `HARNESS_USAGE` for an
 *   option that cannot be used.
 *
 * @example
 * const report = await runHarness({ module: fileURLToPath(new URL('./app.ts', import.meta.url)), jobs: 10_000 })
 * process.exitCode = exitCodeOf(report)
 */
export async function runHarness(options: HarnessOptions): Promise<HarnessReport> {
  const problem = problemWith({ ...options })
  if (problem) throw new HarnessError('HARNESS_USAGE', `the run cannot be started: ${problem}`)
  const drivers = (options.runtimes ?? [options.worker ? 'workerd' : 'node']).map(driverOf)
  const other = options.worker && drivers.find(({ name }) => name !== 'workerd')
  if (other) throw new HarnessError('HARNESS_USAGE', `a Cloudflare Worker runs in workerd, and not in ${other.name}`)
  const runs: RunReport[] = []
  const failed: FailedRun[] = []
  for (const driver of drivers) {
    const result = await judgeRuntime(driver, options)
    if (!('verdict' in result)) {
      failed.push(result)
      continue
    }
    const bleed = options.bleed ? await bleedOf(driver, options, result) : undefined
    if (bleed && 'error' in bleed) failed.push(bleed)
    const report = needsTypes(result) ? await judgeTypes(driver, options, result) : result
    runs.push(bleed && 'findings' in bleed ? { ...report, bleed } : report)
  }
  return { version: 1, method: METHOD, runs, failed }
}

/** Whether it is left to say which of several job types leaks. */
function needsTypes({ verdict, jobTypes }: RunReport): boolean {
  return verdict === 'leak' && jobTypes.length > 1
}

/** A bleed check that fails takes nothing from the verdict on memory. */
async function bleedOf(
  driver: RuntimeDriver,
  options: HarnessOptions,
  { runtime, module, outcomes, distinctData, samples, measures }: RunReport,
): Promise<BleedReport | FailedRun> {
  const signal = options.signal ?? new AbortController().signal
  const startOptions = toStartOptions(options, 'jit', signal, () => {})
  const onProcess = (bleed: number): void => {
    const jobs = { exact: outcomes.done + outcomes.failed, jit: outcomes.done + outcomes.failed }
    const slope = measures.heap.slope ?? Number.NaN
    const before = { runtime: driver.name, jobs, of: undefined, samples: samples.length, slope, idleMs: undefined }
    options.onProgress?.({ ...before, bleed })
  }
  try {
    return await checkModule(driver, options, startOptions, onProcess)
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error
    const partial = { outcomes, distinctData, censuses: [], samples: [] }
    return { runtime, module, code: error.code, error: error.message, partial }
  }
}
