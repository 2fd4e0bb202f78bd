import { formatCount } from '../report/format.ts'
import { ZOO } from './cases.ts'
import type { ZooResult } from './run-zoo.ts'

/** More than this part of the runs undecided is too many. */
export const MAX_UNDECIDED = 0.05

const VERDICTS = ['leak', 'flat', 'undecided', 'failed'] as const

/**
 * The exit code of a zoo: 3 when a run failed, 1 when a verdict is the opposite of the truth, 2 when more than 5 % are
 * undecided or there are no results, else 0.
 */
export function zooExitCode(results: readonly ZooResult[]): 0 | 1 | 2 | 3 {
  if (results.some(({ verdict }) => verdict === 'failed')) return 3
  if (results.some(isWrong)) return 1
  const undecided = results.filter(({ verdict }) => verdict === 'undecided').length
  return undecided > MAX_UNDECIDED * results.length || results.length === 0 ? 2 : 0
}

/** The zoo for a terminal: what became of leaks and of flat handlers, the cases one by one, and what was not right. */
export function zooToText(results: readonly ZooResult[]): string {
  const doubts = doubtLines(results)
  const parts = [textTable(confusion(results)), textTable(caseTable(results)), ...(doubts.length > 0 ? [doubts] : [])]
  return `${[...parts.map((lines) => lines.join('\n')), summary(results)].join('\n\n')}\n`
}

/** The zoo as a page of Markdown. `made` says in a sentence how and when it was made. */
export function zooToMarkdown(results: readonly ZooResult[], made: string): string {
  const doubts = doubtLines(results).map((line) => `- ${plain(line)}`)
  const parts = [
    ['# The zoo: handlers of known truth'],
    [
      'Small handlers, with idioms of long-running workers, that leak or do not, and what the [leak harness](leak-harness.md)',
      'says of each. Written by `leak-harness zoo --reporter markdown`; not by hand.',
    ],
    [made],
    [summary(results)],
    markdownTable(confusion(results)),
    ['## The cases'],
    [
      'Smallest leak: the rarest rate, of those tried, at which the leak was found with every seed and in every runtime. A',
      'runtime without a verdict has the case not, for a reason that stands below.',
    ],
    markdownTable(caseTable(results)),
    ...(doubts.length > 0 ? [['## What was not right'], doubts] : []),
    ...elsewhere(results),
  ]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

/** What is otherwise in other runtimes than Node, and why. */
function elsewhere(results: readonly ZooResult[]): string[][] {
  const runtimes = runtimesOf(results)
  const names = new Set(results.map(({ name }) => name))
  const lines = ZOO.filter(({ name }) => names.has(name)).flatMap(({ name, elsewhere: others = {} }) =>
    Object.entries(others)
      .filter(([runtime]) => runtimes.includes(runtime))
      .map(([runtime, other]) => {
        const what =
          'verdict' in other
            ? `is ${other.verdict === 'leak' ? 'a leak' : 'flat'}: ${other.because}`
            : `is left out: ${other.leftOut}`
        return `- ${name} in ${runtime} ${what}`
      }),
  )
  return lines.length === 0 ? [] : [['## Otherwise than in Node'], lines]
}

/** The zoo for programs. */
export function zooToJson(results: readonly ZooResult[]): string {
  return `${JSON.stringify({ version: 1, exitCode: zooExitCode(results), results }, null, 2)}\n`
}

/** One line for a result, as it comes. */
export function zooLine({ name, runtime, truth, verdict, every, seed, named, ms }: ZooResult): string {
  const mark = verdict === truth ? 'right' : verdict === 'undecided' || verdict === 'failed' ? verdict : 'WRONG'
  const rate = every === null || every === 1 ? '' : `, ${rateOf(every)}`
  const what = named === null ? '' : `: ${named}`
  return `${mark}  ${name} in ${runtime}${rate}, seed ${seed}: ${verdict}${what} (${(ms / 1000).toFixed(1)} s)`
}

function isWrong({ truth, verdict }: ZooResult): boolean {
  return verdict !== truth && (verdict === 'leak' || verdict === 'flat')
}

function summary(results: readonly ZooResult[]): string {
  const count = (test: (result: ZooResult) => boolean): number => results.filter(test).length
  const falsePositives = count((result) => isWrong(result) && result.truth === 'flat')
  const falseNegatives = count((result) => isWrong(result) && result.truth === 'leak')
  const undecided = count(({ verdict }) => verdict === 'undecided')
  const failed = count(({ verdict }) => verdict === 'failed')
  const misnamed = count(({ truth, verdict, isSuspect }) => truth === 'leak' && verdict === 'leak' && !isSuspect)
  const cases = new Set(results.map(({ name }) => name)).size
  return `${formatCount(results.length)} runs of ${cases} cases: ${falsePositives} false positives, ${falseNegatives} false negatives, ${undecided} undecided, ${failed} failed; ${misnamed} leaks found by something else than what leaks.`
}

function confusion(results: readonly ZooResult[]): string[][] {
  const row = (runtime: string, truth: ZooResult['truth']): string[] => {
    const ofTruth = results.filter((result) => result.truth === truth && result.runtime === runtime)
    const counts = VERDICTS.map((verdict) => ofTruth.filter((result) => result.verdict === verdict).length)
    return [runtime, truth === 'leak' ? 'leaks' : 'is flat', ...counts.map(formatCount)]
  }
  return [
    ['runtime', 'in truth', ...VERDICTS.map((verdict) => `said: ${verdict}`)],
    ...runtimesOf(results).flatMap((runtime) => [row(runtime, 'leak'), row(runtime, 'flat')]),
  ]
}

function runtimesOf(results: readonly ZooResult[]): string[] {
  return [...new Set(results.map(({ runtime }) => runtime))]
}

/** A line for each case, with a verdict for each runtime. */
function caseTable(results: readonly ZooResult[]): string[][] {
  const names = [...new Set(results.map(({ name }) => name))]
  const runtimes = runtimesOf(results)
  return [
    ['case', 'kind', 'truth', ...runtimes, 'named', 'smallest leak'],
    ...names.map((name) => {
      const runs = results.filter((result) => result.name === name)
      const { kind, truth } = runs[0] as ZooResult
      const verdicts = runtimes.map((runtime) => verdictOf(runs.filter((run) => run.runtime === runtime)))
      const named = runs.find((run) => run.isSuspect && run.named !== null) ?? runs[0]
      return [name, kind, truth, ...verdicts, named?.named ?? '', smallestOf(runs)]
    }),
  ]
}

/** Each verdict of some runs, the usual one first, with how often where there were several; empty without runs. */
function verdictOf(runs: readonly ZooResult[]): string {
  const counts = VERDICTS.map((verdict) => [verdict, runs.filter((run) => run.verdict === verdict).length] as const)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
  return counts.map(([said, count]) => (counts.length > 1 ? `${said} ${count}×` : said)).join(', ')
}

function smallestOf(runs: readonly ZooResult[]): string {
  const rates = [...new Set(runs.flatMap(({ every }) => every ?? []))].sort((a, b) => b - a)
  const found = rates.find((rate) => runs.every(({ every, verdict }) => every !== rate || verdict === 'leak'))
  return found === undefined ? '' : rateOf(found)
}

function rateOf(every: number): string {
  return `1 in ${formatCount(every)}`
}

/** All that was not right, with why. */
function doubtLines(results: readonly ZooResult[]): string[] {
  return results
    .filter(({ truth, verdict }) => truth !== verdict)
    .map(({ name, runtime, truth, verdict, every, seed, because }) => {
      const rate = every === null ? '' : `, ${rateOf(every)}`
      return `${name} (${runtime}, ${truth}${rate}, seed ${seed}) ${verdict}: ${because.split('\n', 1)[0]}`
    })
}

function textTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)]
}

/** A name that a report shows may hold what Markdown takes for its own. */
function plain(text: string): string {
  return text.replace(/[|<>*_[\]\\]/g, '\\$&')
}
