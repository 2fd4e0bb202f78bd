import { baselineNotes, isAccepted } from '../baseline/baseline-report.ts'
import type { HarnessReport, RunReport } from '../result.ts'
import { MEASURES, type Measure } from '../witness/figures.ts'
import { formatCount, formatNumber } from './format.ts'
import { escapeMarkup } from './html/markup.ts'
import { runtimeOf, type SideBySide, toSideBySide } from './side-by-side.ts'

/** Groups and containers of a run that are listed. */
const MAX_LISTED = 10

const UNITS: Readonly<Record<Measure, string>> = { heap: ' B', external: ' B', rss: ' B', handles: '' }

/** The report as a page of Markdown, such as a step summary of GitHub Actions: a row a run, then what leaks and who keeps it. */
export function toSummary(report: HarnessReport): string {
  const { runs, failed } = report
  const rows = [
    ...runs.map((run) => [
      `<code>${toMarkdown(run.module)}</code>`,
      toMarkdown(runtimeOf(run)),
      `**${run.verdict.toUpperCase()}**${isAccepted(run) ? ' (accepted)' : ''}`,
      ...MEASURES.map((measure) => rateOf(run, measure)),
      toMarkdown(run.because),
    ]),
    ...failed.map((run) => [
      `<code>${toMarkdown(run.module)}</code>`,
      toMarkdown(runtimeOf(run)),
      '**FAILED**',
      ...MEASURES.map(() => ''),
      toMarkdown(`${run.code}: ${run.error}`),
    ]),
  ]
  const header = ['module', 'runtime', 'verdict', ...MEASURES.map((measure) => `${measure} a job`), 'because']
  const align = ['---', '---', '---', ...MEASURES.map(() => '---:'), '---']
  const parts = [
    '## Memory a job',
    rows.length === 0 ? 'There are no runs.' : [header, align, ...rows].map(toRow).join('\n'),
    ...toSideBySide(report).map(sideBySideTable),
    ...runs.flatMap(retained),
    ...runs.flatMap((run) => sectionOf(`Baseline, ${runtimeOf(run)}`, baselineNotes(run).map(toMarkdown))),
    ...runs.flatMap(({ bleed }) => (bleed ? [`**${bleed.verdict.toUpperCase()}** ${toMarkdown(bleed.because)}`] : [])),
  ]
  return `${parts.join('\n\n')}\n`
}

function rateOf({ measures }: RunReport, measure: Measure): string {
  const { slope, verdict } = measures[measure]
  const rate = slope === null ? '–' : `${formatNumber(slope)}${UNITS[measure]}`
  return verdict === 'grows' ? `**${rate}**` : rate
}

function retained(run: RunReport): string[] {
  const groups = run.cohort.groups
    .filter(({ state }) => state === 'leaks')
    .map(({ constructor: name, count, perJob, path }) => {
      const what = `${formatCount(count)} of a cohort survive, ${formatNumber(perJob)} a job`
      return `**${toMarkdown(name)}**: ${what}<br><code>${toMarkdown(path.join(' → '))}</code>`
    })
  const containers = run.containers
    .filter(({ state }) => state === 'leaks')
    .map(({ name, owner, entries, perJob }) => {
      const counts = `${formatCount(entries[0] ?? 0)} to ${formatCount(entries.at(-1) ?? 0)} entries`
      return `**${toMarkdown(name)}**: ${counts}, ${formatNumber(perJob)} a job<br><code>${toMarkdown(owner)}</code>`
    })
  return sectionOf(`What leaks in ${toMarkdown(runtimeOf(run))}`, [
    ...groups.slice(0, MAX_LISTED),
    ...containers.slice(0, MAX_LISTED),
  ])
}

function sectionOf(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`### ${title}\n\n${lines.map((line) => `- ${line}`).join('\n')}`]
}

function sideBySideTable({ module, columns, rows }: SideBySide): string {
  const table = [
    ['type', ...columns.map(toMarkdown)],
    ['---', ...columns.map(() => '---')],
    ...rows.map(({ type, cells }) => [toMarkdown(type), ...cells.map((cell) => cell ?? '–')]),
  ]
  const why = rows.flatMap(({ type, why: reasons }) =>
    reasons.map(({ runtime, because }) => `- ${toMarkdown(type)} in ${toMarkdown(runtime)}: ${toMarkdown(because)}`),
  )
  return [
    `### ${toMarkdown(module)}, side by side`,
    table.map(toRow).join('\n'),
    ...(why.length > 0 ? [why.join('\n')] : []),
  ].join('\n\n')
}

function toRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** A text in one line that Markdown does not read as markup, nor as HTML or mathematics. */
function toMarkdown(text: string): string {
  return escapeMarkup(text.replace(/\s+/g, ' ')).replace(/[\\`*_[\]|~$#]/g, (mark) => `&#${mark.charCodeAt(0)};`)
}
