import type { BleedReport } from '../../bleed/bleed-report.ts'
import { COMPANY } from '../bleed.ts'
import { formatCount } from '../format.ts'
import { badge } from './badge.ts'
import { type Markup, markup } from './markup.ts'
import { facts, fold, notes } from './tables.ts'

/** The bleed check: what differs after whom, and what could not be compared. */
export function bleedPart({ verdict, because, findings, changes, notComparable, ...rest }: BleedReport): Markup {
  return markup`<h3>Bleed check ${badge(verdict)}</h3>
<p>${because}</p>
${findings.map(({ type, job, jobs, alone, after, order }) =>
  fold(
    markup`<b>${type}</b> <span class="dim">job ${job}${jobs > 1 ? ` and ${formatCount(jobs - 1)} more` : ''}</span>`,
    [
      markup`<p class="dim">Alone:</p><pre>${alone}</pre>`,
      markup`<p class="dim">Done ${COMPANY[order]}:</p><pre>${after}</pre>`,
    ],
  ),
)}
${notes([
  ...changes.map(({ type, what }) => `${type} changed ${what}`),
  ...notComparable.map(({ type, jobs, of }) => `${type}: ${jobs} of ${of} jobs could not be compared`),
])}
${facts({
  compared: `${formatCount(rest.compared)} of ${formatCount(rest.jobs)} jobs`,
  processes: formatCount(rest.processes),
  took: `${(rest.ms / 1000).toFixed(1)} s`,
})}`
}
