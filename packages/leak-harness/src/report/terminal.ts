import { baselineNotes, isAccepted } from '../baseline/baseline-report.ts'
import type { FailedRun, HarnessReport, MeasureReport, RunReport } from '../result.ts'
import { bleedLines } from './bleed.ts'
import { formatBytes, formatNumber } from './format.ts'
import { createPaint, type Paint } from './paint.ts'
import { toSideBySide } from './side-by-side.ts'
import { sideBySideLines } from './side-by-side-lines.ts'
import { sparkline } from './sparkline.ts'

/** Characters of a curve. */
const CURVE_WIDTH = 60

const VERDICT_STYLE = {
  flat: 'green',
  waves: 'green',
  rests: 'green',
  leak: 'red',
  undecided: 'yellow',
  grows: 'red',
  unread: 'dim',
} as const

/**
 * The report as a person reads it: for each run the verdict, why, a table of the measures and the curve of the heap;
 * then, where a module ran in several runtimes, these side by side.
 */
export function toText(report: HarnessReport, { colours }: { readonly colours: boolean }): string {
  const paint = createPaint(colours)
  const parts = [
    ...report.runs.map((run) => runText(run, paint)),
    ...report.failed.map((run) => failedText(run, paint)),
    ...toSideBySide(report).map((one) => sideBySideLines(one, paint).join('\n')),
  ]
  return `${parts.join('\n\n')}\n`
}

function runText(run: RunReport, paint: Paint): string {
  const verdict = paint('bold', paint(VERDICT_STYLE[run.verdict], run.verdict.toUpperCase()))
  const { done, failed } = run.outcomes
  const accepted = isAccepted(run) ? ` ${paint('green', 'accepted')}` : ''
  return [
    `${verdict}${accepted}  ${run.module}  ${paint('dim', `${run.runtime.name} ${run.runtime.version}`)}`,
    `  ${run.because}`,
    '',
    // A fast run weighs nothing.
    ...(run.samples.length === 0 ? [] : [...table(run, paint).map((line) => `  ${line}`), '']),
    ...typeLines(run, paint),
    ...survivorLines(run),
    ...containerLines(run),
    ...curveLines(run, paint),
    `  ${paint('dim', `${run.jobs} jobs after ${run.warmup} to warm up; ${done} done, ${failed} failed; ${run.distinctData} different data; ${run.samples.length} samples; ${(run.ms / 1000).toFixed(1)} s`)}`,
    ...[...run.notes, ...baselineNotes(run)].map((note) => `  ${paint('yellow', 'note:')} ${note}`),
    ...(run.bleed ? ['', ...bleedLines(run.bleed, paint)] : []),
  ].join('\n')
}

function table(run: RunReport, paint: Paint): string[] {
  const header = ['measure', 'a job', '95 % interval', 'would see', 'budget', 'verdict']
  const rows = Object.entries(run.measures).map(([name, measure]) => [
    name,
    formatNumber(measure.slope),
    `${formatNumber(measure.low)} … ${formatNumber(measure.high)}`,
    formatNumber(measure.mde),
    String(measure.budget),
    measure.verdict,
  ])
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string[] =>
    cells.map((cell, column) =>
      column === 0 || column === 5 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
  return [
    paint('dim', line(header).join('  ').trimEnd()),
    ...rows.map((row) => {
      const cells = line(row)
      const verdict = row[5] as MeasureReport['verdict']
      return [...cells.slice(0, 5), paint(VERDICT_STYLE[verdict], verdict)].join('  ')
    }),
  ]
}

function typeLines({ jobTypes }: RunReport, paint: Paint): string[] {
  if (jobTypes.length < 2) return []
  const width = Math.max(...jobTypes.map(({ name }) => name.length))
  const lines = jobTypes.map(
    ({ name, verdict, done, failed }) =>
      `  ${name.padEnd(width)}  ${paint(VERDICT_STYLE[verdict], verdict)}  ${paint('dim', `${done} done, ${failed} failed`)}`,
  )
  return [...lines, '']
}

function survivorLines({ cohort }: RunReport): string[] {
  const lines = cohort.groups
    .slice(0, 5)
    .flatMap(({ constructor: name, count, perJob, bytes, path, state }) => [
      `  ${name}: ${count} of a cohort survive, ${formatNumber(perJob)} a job, ${formatBytes(bytes)} in all, ${state}`,
      `    ${path.join(' → ')}`,
    ])
  return lines.length === 0 ? [] : [...lines, '']
}

function containerLines(run: RunReport): string[] {
  const lines = run.containers.slice(0, 5).map(({ name, owner, containers, entries, perJob, state }) => {
    const who = containers > 1 ? `${containers} × ${name}` : name
    return `  ${who}${owner === 'unknown' ? '' : ` (${owner})`}: ${entries.join(' → ')} entries, ${formatNumber(perJob)} a job, ${state}`
  })
  return lines.length === 0 ? [] : [...lines, '']
}

function curveLines(run: RunReport, paint: Paint): string[] {
  const heap = run.samples.map((sample) => sample.heap)
  if (heap.length === 0) return []
  const low = formatBytes(Math.min(...heap))
  const high = formatBytes(Math.max(...heap))
  return [`  heap  ${sparkline(heap, CURVE_WIDTH)}  ${paint('dim', `${low} to ${high}`)}`]
}

function failedText(run: FailedRun, paint: Paint): string {
  const { outcomes, samples } = run.partial
  const measured =
    outcomes || samples.length > 0
      ? [`  measured before: ${(outcomes?.done ?? 0) + (outcomes?.failed ?? 0)} jobs, ${samples.length} samples`]
      : []
  return [
    `${paint('bold', paint('red', 'FAILED'))}  ${run.module}  ${paint('dim', `${run.runtime.name} ${run.runtime.version ?? ''}`.trimEnd())}`,
    `  ${run.code}: ${run.error.replaceAll('\n', '\n  ')}`,
    ...measured,
  ].join('\n')
}
