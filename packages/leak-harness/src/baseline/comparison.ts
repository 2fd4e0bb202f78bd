import type { FailedRun, HarnessReport, RunReport } from '../result.ts'
import { hasGrown, type Leak, leakKey, leaksOf } from './leaks.ts'

/** Two reports of the same, before and after. */
export interface Comparison {
  readonly pairs: readonly RunPair[]
  /** Runs before that have no verdict after: why, where they failed. */
  readonly lost: readonly { readonly run: RunReport; readonly error: string | undefined }[]
}

/** One module in one runtime, before and after. */
export interface RunPair {
  /** Undefined: it was not run before. */
  readonly before: RunReport | undefined
  readonly after: RunReport
  /** Leaks that were not there before. */
  readonly new: readonly Leak[]
  /** Leaks that are larger than before, with what they were. */
  readonly grown: readonly { readonly leak: Leak; readonly before: Leak }[]
  /** Leaks that are no more. Empty where the run after is undecided, which cannot tell. */
  readonly gone: readonly Leak[]
  /** Job types that others reach and did not before. */
  readonly bleeds: readonly string[]
}

/**
 * Sets two reports side by side: which leaks are new, which grew and which are gone. Runs are paired by runtime and
 * module; where a module's path differs, as on another machine, by the end of it.
 */
export function compareReports(before: HarnessReport, after: HarnessReport): Comparison {
  const partners = pairUp(before.runs, after.runs)
  const kept = new Set(partners.values())
  return {
    pairs: after.runs.map((run) => toPair(partners.get(run), run)),
    lost: before.runs.filter((run) => !kept.has(run)).map((run) => ({ run, error: errorOf(run, after.failed) })),
  }
}

/**
 * The exit code of a comparison: 1 for a leak or bleeding that is new or worse, 3 when what had a verdict has none any
 * more, 2 when what was flat is undecided, and 0 when nothing got worse.
 */
export function comparisonExitCode({ pairs, lost }: Comparison): 0 | 1 | 2 | 3 {
  if (pairs.some((pair) => pair.new.length + pair.grown.length + pair.bleeds.length > 0 || isNewlyLeaking(pair)))
    return 1
  if (lost.length > 0) return 3
  return pairs.some(({ before, after }) => before?.verdict === 'flat' && after.verdict === 'undecided') ? 2 : 0
}

/** Whether a run leaks that did not, be there a name for what leaks or none. */
export function isNewlyLeaking({ before, after }: RunPair): boolean {
  return after.verdict === 'leak' && before?.verdict !== 'leak'
}

function toPair(before: RunReport | undefined, after: RunReport): RunPair {
  const old = new Map((before ? leaksOf(before) : []).map((leak) => [leakKey(leak), leak]))
  const leaks = leaksOf(after)
  const found = new Set(leaks.map(leakKey))
  const known = new Set(before?.bleed?.findings.map(({ type }) => type))
  return {
    before,
    after,
    new: leaks.filter((leak) => !old.has(leakKey(leak))),
    grown: leaks.flatMap((leak) => {
      const was = old.get(leakKey(leak))
      return was && hasGrown(leak, was) ? [{ leak, before: was }] : []
    }),
    gone: after.verdict === 'undecided' ? [] : [...old].flatMap(([key, leak]) => (found.has(key) ? [] : [leak])),
    bleeds: (after.bleed?.findings ?? []).map(({ type }) => type).filter((type) => !known.has(type)),
  }
}

/** The run before of each run after. The same path goes first, then the one that ends alike for longest. */
function pairUp(before: readonly RunReport[], after: readonly RunReport[]): Map<RunReport, RunReport> {
  const candidates = after
    .flatMap((run) =>
      before
        .filter(({ runtime }) => runtime.name === run.runtime.name)
        .map((old) => ({ run, old, alike: alikeness(run.module, old.module) })),
    )
    .filter(({ alike }) => alike > 0)
    .sort((a, b) => b.alike - a.alike)
  const pairs = new Map<RunReport, RunReport>()
  const taken = new Set<RunReport>()
  for (const { run, old } of candidates) {
    if (pairs.has(run) || taken.has(old)) continue
    pairs.set(run, old)
    taken.add(old)
  }
  return pairs
}

/** Names that two paths have in common at their ends. */
function alikeness(a: string, b: string): number {
  if (a === b) return Number.POSITIVE_INFINITY
  const [left, right] = [a, b].map((path) => path.split(/[\\/]/).reverse()) as [string[], string[]]
  const differ = left.findIndex((part, at) => part !== right[at])
  return differ < 0 ? left.length : differ
}

function errorOf({ module, runtime }: RunReport, failed: readonly FailedRun[]): string | undefined {
  const run = failed.find((one) => one.runtime.name === runtime.name && alikeness(one.module, module) > 0)
  return run && `${run.code}: ${run.error}`
}
