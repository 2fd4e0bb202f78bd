import { dirname, relative, resolve } from 'node:path'
import type { HarnessReport, RunReport } from '../result.ts'
import type { BaselineReport } from './baseline-report.ts'
import { hasGrown, type Leak, leakKey, leaksOf, possibleLeaksOf } from './leaks.ts'
import { describeGrowth, describeLeak } from './sentence.ts'

/** A leak that is accepted as it is. */
export interface AcceptedLeak extends Leak {
  /** The module, relative to the baseline's folder, with `/` between folders. */
  readonly module: string
  /** Name of the runtime. */
  readonly runtime: string
}

/** Leaks that are known and accepted: they pass until they grow. */
export interface Baseline {
  readonly version: 1
  readonly leaks: readonly AcceptedLeak[]
}

/** A baseline that accepts nothing. */
export const EMPTY_BASELINE: Baseline = { version: 1, leaks: [] }

/**
 * Holds a report against a baseline: each run gets a `baseline` that says which leaks were accepted, which were not, and
 * which of the baseline do not leak any more. The verdicts stay; `exitCodeOf` lets a run pass whose leaks are all accepted.
 * @param file absolute path of the baseline, to which its modules are relative
 */
export function applyBaseline(report: HarnessReport, baseline: Baseline, file: string): HarnessReport {
  return { ...report, runs: report.runs.map((run) => ({ ...run, baseline: judge(run, baseline, file) })) }
}

/**
 * The baseline with what a report found: entries of its runs are replaced, all others stay. A run that is undecided or
 * failed says nothing of what leaks, and leaves its entries too.
 * @param file absolute path of the baseline, to which its modules are relative
 */
export function updateBaseline(baseline: Baseline, report: HarnessReport, file: string): Baseline {
  const decided = report.runs.filter(({ verdict }) => verdict !== 'undecided')
  const kept = baseline.leaks.filter((entry) => !decided.some((run) => isOf(entry, run, file)))
  const found = decided.flatMap((run) =>
    possibleLeaksOf(run).map((leak) => ({
      module: toModule(run.module, file),
      runtime: run.runtime.name,
      ...leak,
      perJob: Number(leak.perJob.toPrecision(4)),
    })),
  )
  return { version: 1, leaks: [...kept, ...found].sort((a, b) => compareTexts(sortKey(a), sortKey(b))) }
}

function judge(run: RunReport, { leaks: entries }: Baseline, file: string): BaselineReport {
  const own = new Map(entries.filter((entry) => isOf(entry, run, file)).map((entry) => [leakKey(entry), entry]))
  const leaks = leaksOf(run)
  const accepted: string[] = []
  const refused: string[] = []
  for (const leak of leaks) {
    const before = own.get(leakKey(leak))
    if (!before) refused.push(`${describeLeak(leak)}, which is not in the baseline`)
    else if (hasGrown(leak, before)) refused.push(describeGrowth(leak, before))
    else accepted.push(describeLeak(leak))
  }
  if (run.verdict === 'leak' && leaks.length === 0) refused.push('a leak that has no name, so that none can accept it')
  return { accepted, refused, gone: goneOf(run, own).map(describeLeak) }
}

/** Entries that do not leak any more, as far as the run can tell. */
function goneOf(run: RunReport, own: ReadonlyMap<string, AcceptedLeak>): AcceptedLeak[] {
  if (run.verdict === 'undecided') return []
  const possible = new Set(possibleLeaksOf(run).map(leakKey))
  return [...own].flatMap(([key, entry]) => (possible.has(key) ? [] : [entry]))
}

function isOf({ module, runtime }: AcceptedLeak, run: RunReport, file: string): boolean {
  return runtime === run.runtime.name && resolve(dirname(file), module) === run.module
}

function toModule(module: string, file: string): string {
  return relative(dirname(file), module).replaceAll('\\', '/')
}

function sortKey({ module, runtime, kind, name, path }: AcceptedLeak): string {
  return [module, runtime, kind, name, path].join('\0')
}

/** By code unit: the same on every machine, whatever its language. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
