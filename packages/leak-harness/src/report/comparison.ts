import { type Comparison, comparisonExitCode, isNewlyLeaking, type RunPair } from '../baseline/comparison.ts'
import { describeGrowth, describeLeak } from '../baseline/sentence.ts'
import type { RunReport } from '../result.ts'
import { MEASURES } from '../witness/figures.ts'
import { formatNumber } from './format.ts'
import { createPaint, type Paint } from './paint.ts'
import { runtimeOf } from './side-by-side.ts'

const STYLE = { flat: 'green', leak: 'red', undecided: 'yellow' } as const

const SUMMARY: Readonly<Record<0 | 1 | 2 | 3, string>> = {
  0: 'nothing got worse',
  1: 'it got worse: a leak or a job type that others reach is new or has grown',
  2: 'what was flat could not be shown flat again',
  3: 'what had a verdict has none any more',
}

/** Two reports side by side, as a person reads it: verdicts and measures, and the leaks that are new, grown and gone. */
export function toComparisonText(comparison: Comparison, { colours }: { readonly colours: boolean }): string {
  const paint = createPaint(colours)
  const code = comparisonExitCode(comparison)
  const parts = [
    ...comparison.pairs.map((pair) => pairLines(pair, paint)),
    ...comparison.lost.map(({ run, error }) => [
      `${verdictOf(run, paint)} → ${paint('red', 'no verdict')}  ${run.module}  ${paint('dim', runtimeOf(run))}`,
      `  ${error ?? 'it is not in the second report'}`,
    ]),
    [paint('bold', paint(code === 0 ? 'green' : code === 2 ? 'yellow' : 'red', SUMMARY[code]))],
  ]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function pairLines(pair: RunPair, paint: Paint): string[] {
  const { before, after } = pair
  const runtime = before && runtimeOf(before) !== runtimeOf(after) ? `${runtimeOf(before)} → ` : ''
  const changes = changeLines(pair, paint)
  return [
    `${before ? verdictOf(before, paint) : paint('dim', 'not run')} → ${verdictOf(after, paint)}  ${after.module}  ${paint('dim', `${runtime}${runtimeOf(after)}`)}`,
    ...(before?.verdict === after.verdict ? [] : [`  ${after.because}`]),
    '',
    ...measureTable(before, after, paint),
    ...(changes.length > 0 ? ['', ...changes] : []),
  ]
}

function changeLines(pair: RunPair, paint: Paint): string[] {
  const hasName = pair.new.length + pair.grown.length > 0
  return [
    ...pair.new.map((leak) => `  ${paint('red', 'new:')} ${describeLeak(leak)}`),
    ...(isNewlyLeaking(pair) && !hasName ? [`  ${paint('red', 'new:')} a leak that has no name`] : []),
    ...pair.grown.map(({ leak, before }) => `  ${paint('red', 'grown:')} ${describeGrowth(leak, before)}`),
    ...pair.bleeds.map((type) => `  ${paint('red', 'new:')} others reach ${type}`),
    ...pair.gone.map((leak) => `  ${paint('green', 'gone:')} ${describeLeak(leak)}`),
  ]
}

function verdictOf({ verdict }: RunReport, paint: Paint): string {
  return paint('bold', paint(STYLE[verdict], verdict.toUpperCase()))
}

function measureTable(before: RunReport | undefined, after: RunReport, paint: Paint): string[] {
  const side = (run: RunReport | undefined, measure: (typeof MEASURES)[number]): string[] => {
    const figures = run?.measures[measure]
    return figures ? [formatNumber(figures.slope), figures.verdict] : ['–', '']
  }
  const rows = MEASURES.map((measure) => [measure, ...side(before, measure), ...side(after, measure)])
  const all = [['measure', 'before', '', 'after', ''], ...rows]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const lines = all.map((row) =>
    row
      .map((cell, at) => (at === 1 || at === 3 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  return lines.map((line, at) => `  ${at === 0 ? paint('dim', line) : line}`)
}
