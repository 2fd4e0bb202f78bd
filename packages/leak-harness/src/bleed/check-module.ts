import { HarnessError } from '../errors.ts'
import { toPlan } from '../options.ts'
import type { HarnessOptions } from '../run-harness.ts'
import type { ObserveOptions, RuntimeDriver, StartOptions } from '../runtimes/driver.ts'
import type { BleedReport } from './bleed-report.ts'
import { checkBleed } from './check.ts'
import type { Lab } from './explain.ts'
import type { BleedJob, ChosenJobs, Observation } from './observation.ts'

/** Jobs that are compared. */
export const MAX_BLEED_JOBS = 200

/** Jobs among which they are chosen. */
const MAX_SCANNED = 2_000

/** After so many ms the first run does no further job, beyond 20: the others do as many. */
const RUN_LIMIT_MS = 3_000

/** After so many ms nothing is tried that could be left out. */
const TIME_LIMIT_MS = 120_000

/**
 * Checks a module for job types whose state reaches others, in processes of one runtime, one after another.
 * @param onProcess told how many processes it took so far
 * @throws {HarnessError} when a process fails, with the run's own code.
 */
export async function checkModule(
  driver: RuntimeDriver,
  options: HarnessOptions,
  startOptions: Omit<StartOptions, 'mode'>,
  onProcess: (processes: number) => void,
): Promise<BleedReport> {
  const startedAt = performance.now()
  const spent = (): number => performance.now() - startedAt
  const lab = new ProcessLab(driver, options, startOptions, onProcess)
  try {
    const { jobs, others } = await lab.choose()
    const result = await checkBleed({ lab, jobs, others, hasTime: () => spent() < TIME_LIMIT_MS })
    return { ...result, processes: lab.processes, ms: Math.round(spent()) }
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error
    throw new HarnessError(error.code, `the bleed check failed in its process ${lab.processes}: ${error.message}`, {
      cause: error,
    })
  }
}

/** Does jobs in processes that are each started for one run. */
class ProcessLab implements Lab {
  readonly #driver: RuntimeDriver
  readonly #options: HarnessOptions
  readonly #startOptions: Omit<StartOptions, 'mode'>
  readonly #onProcess: (processes: number) => void
  #canEnd = true
  processes = 0

  constructor(
    driver: RuntimeDriver,
    options: HarnessOptions,
    startOptions: Omit<StartOptions, 'mode'>,
    onProcess: (processes: number) => void,
  ) {
    this.#driver = driver
    this.#options = options
    this.#startOptions = startOptions
    this.#onProcess = onProcess
  }

  /** Chooses the jobs: as many as one process does in the time for a run. */
  async choose(): Promise<ChosenJobs> {
    const { chosen, observations } = await this.#start((chosen) => chosen.jobs, {
      maxMs: RUN_LIMIT_MS,
      clockJumps: false,
    })
    return { jobs: chosen.jobs.slice(0, observations.length), others: chosen.others.slice(0, observations.length) }
  }

  async run(jobs: readonly BleedJob[], clockJumps = false): Promise<readonly Observation[]> {
    return (await this.#start(() => jobs, { maxMs: Number.MAX_SAFE_INTEGER, clockJumps })).observations
  }

  async #start(
    jobsOf: (chosen: ChosenJobs) => readonly BleedJob[],
    options: ObserveOptions,
  ): Promise<{ chosen: ChosenJobs; observations: readonly Observation[] }> {
    this.#onProcess(++this.processes)
    await using process = await this.#driver.observe(this.#startOptions)
    const { settings } = process
    const { jobs, warmup } = toPlan(this.#options, settings)
    const fresh = settings.traceLines === undefined || settings.varies ? MAX_SCANNED : settings.traceLines
    const chosen = await process.choose(Math.min(jobs + warmup, fresh, MAX_SCANNED), Math.min(jobs, MAX_BLEED_JOBS))
    const observations = await process.observe(jobsOf(chosen), options)
    await this.#end(() => process.end())
    return { chosen, observations }
  }

  /** What a teardown does wrong is told by the run before; once it has, it is left out. */
  async #end(end: () => Promise<unknown>): Promise<void> {
    if (!this.#canEnd) return
    try {
      this.#canEnd = (await end()) === undefined
    } catch (error) {
      if (error instanceof HarnessError && error.code === 'HARNESS_ABORTED') throw error
      this.#canEnd = false
    }
  }
}
