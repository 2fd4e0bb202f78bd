import { HarnessError } from './errors.ts'
import type { EntryCensus } from './heap/entry-census.ts'
import { DEFAULT_STALL_MS, DEFAULT_TIME_MS, MIN_DEFAULT_STALL_MS, type Plan, toPlan } from './options.ts'
import { checkOutcomes } from './outcomes.ts'
import { ProgressTeller } from './progress.ts'
import type { Outcomes } from './replay/contract.ts'
import type { FailedRun, RunReport } from './result.ts'
import type { HarnessOptions } from './run-harness.ts'
import { toRunReport } from './run-report.ts'
import type { EngineMode, ReplayProcess, RuntimeDriver, StartOptions } from './runtimes/driver.ts'
import { watchEntries } from './witness/entries.ts'
import { watchFigures } from './witness/figures.ts'
import type { Sample } from './witness/sampler.ts'

/** What was measured so far, kept also when the run fails. */
interface Gathered {
  version: string | null
  outcomes: Outcomes | undefined
  readonly counts: EntryCensus[]
  readonly samples: Sample[]
}

/**
 * Judges a module in one runtime: both witnesses side by side, each in a process of its own.
 * @param only the name of the jobs to replay; all when left out
 */
export async function judgeRuntime(
  driver: RuntimeDriver,
  options: HarnessOptions,
  only?: string,
): Promise<RunReport | FailedRun> {
  const gathered: Gathered = { version: null, outcomes: undefined, counts: [], samples: [] }
  const stop = new AbortController()
  const abort = (): void => stop.abort(options.signal?.reason)
  if (options.signal?.aborted) abort()
  options.signal?.addEventListener('abort', abort)
  try {
    return await witness(driver, options, only, gathered, stop)
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error
    return toFailedRun(driver, options, error, gathered)
  } finally {
    options.signal?.removeEventListener('abort', abort)
  }
}

async function witness(
  driver: RuntimeDriver,
  options: HarnessOptions,
  only: string | undefined,
  gathered: Gathered,
  stop: AbortController,
): Promise<RunReport> {
  const startedAt = performance.now()
  const progress = new ProgressTeller(driver.name, options.onProgress, gathered.samples)
  const start = (mode: EngineMode): Promise<ReplayProcess> =>
    driver.start({ ...toStartOptions(options, mode, stop.signal, (jobs) => progress.tell({ [mode]: jobs })), only })
  const notes: string[] = []
  let isLeak = false

  const entriesWitness = async () => {
    await using process = await start('jit')
    gathered.version = process.runtime.version
    const plan = toPlan(options, process.settings)
    progress.start(plan)
    const guarded = checkingOutcomes(process, plan, gathered)
    const result = await watchEntries(guarded, {
      plan,
      counts: gathered.counts,
      onIdle: (idleMs) => progress.tell({ idleMs }),
    })
    isLeak = result.verdict === 'leak'
    progress.tell({ idleMs: undefined })
    notes.push(...(process.notes ?? []), ...(await endOf(process)))
    return { plan, settings: process.settings, result, runtime: process.runtime }
  }
  const figuresWitness = async () => {
    await using process = await start('exact')
    const plan = toPlan(options, process.settings)
    const onSample = (samples: readonly Sample[]): void => progress.tell({ exact: samples.at(-1)?.job ?? 0 })
    const result = await watchFigures(process, { plan, samples: gathered.samples, onSample, isDecided: () => isLeak })
    checkOutcomes(await process.outcomes(), plan, process.settings)
    notes.push(...(await endOf(process)))
    return result
  }
  const [entries, figures] = await bothOrNeither(stop, entriesWitness(), figuresWitness())
  return toRunReport({
    module: options.label ?? options.module,
    runtime: entries.runtime,
    plan: entries.plan,
    settings: entries.settings,
    entries: entries.result,
    figures,
    samples: gathered.samples,
    outcomes: gathered.outcomes as Outcomes,
    notes: [...new Set(notes)],
    ms: Math.round(performance.now() - startedAt),
  })
}

/** Waits for both to end, and ends the other as soon as one fails: its error is the one that is thrown. */
async function bothOrNeither<A, B>(stop: AbortController, a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  const failures: unknown[] = []
  const watched = [a, b].map((one) =>
    one.catch((error: unknown) => {
      failures.push(error)
      stop.abort(error)
    }),
  )
  await Promise.all(watched)
  if (failures.length > 0) throw failures[0]
  return [await a, await b]
}

/** The process, with the outcomes read after each batch of jobs: a handler that fails every job is told at once. */
function checkingOutcomes(process: ReplayProcess, plan: Plan, gathered: Gathered): ReplayProcess {
  return {
    ...process,
    async run(jobs, options) {
      const result = await process.run(jobs, options)
      gathered.outcomes = await process.outcomes()
      checkOutcomes(gathered.outcomes, plan, process.settings)
      return result
    },
  }
}

/** All has been measured by then: a teardown that hangs, or ends the process, loses nothing. */
async function endOf(process: ReplayProcess): Promise<string[]> {
  const problem = await process.end().catch((error: unknown) => {
    if (error instanceof HarnessError && error.code !== 'HARNESS_ABORTED') return error.message
    throw error
  })
  return problem === undefined ? [] : [`the teardown failed: ${problem}`]
}

/** What a process under test is started with, as the options say. */
export function toStartOptions(
  options: HarnessOptions,
  mode: EngineMode,
  signal: AbortSignal,
  onProgress: (jobs: number) => void,
): StartOptions {
  return {
    module: options.module,
    mode,
    trace: options.trace,
    only: undefined,
    worker: options.worker,
    outbound: options.outbound,
    imports: options.imports ?? [],
    cwd: options.cwd ?? process.cwd(),
    env: options.env ?? {},
    stallMs: options.stallMs ?? stallFor(options.timeMs ?? DEFAULT_TIME_MS),
    onProgress,
    signal,
  }
}

function stallFor(timeMs: number): number {
  return Math.max(MIN_DEFAULT_STALL_MS, Math.min(DEFAULT_STALL_MS, timeMs))
}

function toFailedRun(
  driver: RuntimeDriver,
  options: HarnessOptions,
  error: HarnessError,
  { version, outcomes, counts, samples }: Gathered,
): FailedRun {
  const { done, failed, firstError, distinctData } = outcomes ?? {}
  return {
    runtime: { name: driver.name, version },
    module: options.label ?? options.module,
    code: error.code,
    error: error.message,
    partial: {
      outcomes:
        done === undefined || failed === undefined
          ? null
          : { done, failed, ...(firstError === undefined ? {} : { firstError }) },
      distinctData: distinctData ?? null,
      censuses: counts.map(({ job, classes }) => ({ job, entries: classes.reduce((sum, c) => sum + c.entries, 0) })),
      samples,
    },
  }
}
