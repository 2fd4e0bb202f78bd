import { HarnessError } from './errors.ts'
import { judgeRuntime } from './judge-runtime.ts'
import { METHOD } from './method.ts'
import { problemWith } from './option-check.ts'
import type { PlanOptions } from './options.ts'
import type { Progress } from './progress.ts'
import type { FailedRun, HarnessReport, RunReport } from './result.ts'
import { driverOf } from './runtimes/drivers.ts'

/** What `runHarness` takes. What is left out is the module's own (`export const harness`), else the default. */
export interface HarnessOptions extends PlanOptions {
  /** Absolute path of the module under test. */
  readonly module: string
  /** Runtimes to judge it in, one after another. Default `['node']`. */
  readonly runtimes?: readonly string[]
  /** Absolute path of a JSONL trace of jobs to replay. */
  readonly trace?: string | undefined
  /** Modules for the runtime to load first (`--import`). */
  readonly imports?: readonly string[]
  /** Working directory of the processes under test. Default: this process' own. */
  readonly cwd?: string
  /** Environment variables for the processes under test, on top of this process' own. */
  readonly env?: Readonly<Record<string, string>>
  /** How long no job may finish before the run has failed, in ms. Default 30 s; `timeMs` where that is shorter, 10 s at least. */
  readonly stallMs?: number | undefined
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
  const drivers = (options.runtimes ?? ['node']).map(driverOf)
  const runs: RunReport[] = []
  const failed: FailedRun[] = []
  for (const driver of drivers) {
    const result = await judgeRuntime(driver, options)
    if ('verdict' in result) runs.push(result)
    else failed.push(result)
  }
  return { version: 1, method: METHOD, runs, failed }
}
