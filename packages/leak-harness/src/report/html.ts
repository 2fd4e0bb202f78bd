import type { HarnessReport } from '../result.ts'
import { badge } from './html/badge.ts'
import { Markup, markup } from './html/markup.ts'
import { failedCard, nameOf, runCard } from './html/run.ts'
import { STYLE } from './html/style.ts'
import { fold, notes, table } from './html/tables.ts'
import { type SideBySide, toSideBySide } from './side-by-side.ts'

/**
 * The report as one HTML page: no script, and nothing that it loads from elsewhere. It shows each run's verdict, curves
 * with floor, 95 % band and budget, survivors with the paths that retain them, and, where a module ran in several
 * runtimes, these side by side. The same report makes the same page.
 */
export function toHtml(report: HarnessReport): string {
  const { runs, failed } = report
  const page = markup`<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<title>${titleOf(report)}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body><main>
<h1>Memory a job</h1>
${toSideBySide(report).map(sideBySideCard)}
${runs.map(runCard)}
${failed.map(failedCard)}
${runs.length + failed.length === 0 ? markup`<section class="card"><p>There are no runs in this report.</p></section>` : undefined}
${methodPart(report)}
</main></body>
</html>
`
  return `<!doctype html>\n${page.text}`
}

function titleOf({ runs, failed }: HarnessReport): string {
  const verdicts = [...runs.map(({ verdict }) => verdict), ...failed.map(() => 'failed')]
  return `${verdicts.join(', ').toUpperCase() || 'Nothing'}: leak-harness`
}

function sideBySideCard({ module, columns, rows }: SideBySide): Markup {
  return markup`<section class="card">
<h2>${nameOf(module)} in ${columns.length} runtimes</h2>
<div class="dim">${module}</div>
${table(
  [{ title: 'type' }, ...columns.map((title) => ({ title }))],
  rows.map(({ type, cells }) => [
    markup`<code>${type}</code>`,
    ...cells.map((cell) => (cell ? badge(cell) : markup`<span class="dim">did not run</span>`)),
  ]),
)}
${rows
  .filter(({ why }) => why.length > 0)
  .map(
    ({ type, why }) =>
      markup`<h3>Why the verdicts on ${type} differ</h3>${notes(why.map((one) => `${one.runtime} (${one.verdict}): ${one.because}`))}`,
  )}
</section>`
}

function methodPart({ method }: HarnessReport): Markup {
  const rows = Object.entries(method).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value])
  return fold(markup`<b>How it was judged</b>`, table([{ title: 'constant' }, { title: 'value' }], rows))
}
