import type { FailedRun, HarnessReport, JobTypeReport, RunReport, Verdict } from '../result.ts'

/** Name of the row for all job types of a run together. */
export const ALL_TYPES = 'all jobs'

/** What one runtime says of one job type; undefined where the type did not run there. */
export type Cell = Verdict | 'failed' | undefined

/** One module in several runtimes: a row a job type, a column a runtime. */
export interface SideBySide {
  readonly module: string
  /** Runtimes with their versions. */
  readonly columns: readonly string[]
  readonly rows: readonly SideBySideRow[]
}

/** One job type in each runtime. */
export interface SideBySideRow {
  readonly type: string
  readonly cells: readonly Cell[]
  /** Why, a runtime each, where the verdicts differ; else empty. */
  readonly why: readonly { readonly runtime: string; readonly verdict: Cell; readonly because: string }[]
}

/** Sets the runs of each module side by side; modules that ran once only are left out. */
export function toSideBySide({ runs, failed }: HarnessReport): SideBySide[] {
  // A bleed check that failed has its run in both lists.
  const verdicts = new Set(runs.map(keyOf))
  const all = [...runs, ...failed.filter((run) => !verdicts.has(keyOf(run)))]
  return [...new Set(all.map(({ module }) => module))]
    .map((module) => all.filter((run) => run.module === module))
    .filter((ofModule) => ofModule.length > 1)
    .map((ofModule) => ({
      module: (ofModule[0] as RunReport | FailedRun).module,
      columns: ofModule.map(runtimeOf),
      rows: rowNames(ofModule).map((type, at, { length }) => toRow(type, ofModule, at === length - 1)),
    }))
}

/** Name and version of a run's runtime. */
export function runtimeOf({ runtime }: RunReport | FailedRun): string {
  return `${runtime.name} ${runtime.version ?? ''}`.trimEnd()
}

function keyOf({ module, runtime }: RunReport | FailedRun): string {
  return JSON.stringify([module, runtime.name])
}

/** All together stand last, where there are several. */
function rowNames(runs: readonly (RunReport | FailedRun)[]): string[] {
  const types = [...new Set(runs.flatMap((run) => ('jobTypes' in run ? run.jobTypes.map(({ name }) => name) : [])))]
  return types.length === 1 ? types : [...types, ALL_TYPES]
}

function toRow(name: string, runs: readonly (RunReport | FailedRun)[], isWhole: boolean): SideBySideRow {
  const found = runs.map((run) => verdictOf(name, run))
  // A run that failed says so once, and not of each type.
  const told = found.filter((one) => one && (isWhole || one.verdict !== 'failed'))
  const differ = new Set(told.map((one) => one?.verdict)).size > 1
  const why = runs.flatMap((run, at) => {
    const one = found[at]
    return differ && one && told.includes(one) ? [{ runtime: runtimeOf(run), ...one }] : []
  })
  return { type: name, cells: found.map((one) => one?.verdict), why }
}

function verdictOf(
  name: string,
  run: RunReport | FailedRun,
): { readonly verdict: Cell; readonly because: string } | undefined {
  if ('error' in run) return { verdict: 'failed', because: `${run.code}: ${run.error}` }
  if (name === ALL_TYPES) return { verdict: run.verdict, because: run.because }
  const type = run.jobTypes.find((one) => one.name === name)
  return type && { verdict: type.verdict, because: becauseOf(type, run) }
}

/** A type that was replayed alone has a reason of its own. */
export function becauseOf(type: JobTypeReport, run: RunReport): string {
  return type.because ?? run.because
}
