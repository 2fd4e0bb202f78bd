import type { RunReport } from '../../result.ts'
import { formatBytes, formatCount, formatNumber } from '../format.ts'
import { badge } from './badge.ts'
import { type Markup, markup } from './markup.ts'
import { fold, table } from './tables.ts'

/** The survivors of a run, each group with its path, and its containers with their entries. */
export function retained({ cohort, containers }: RunReport): (Markup | undefined)[] {
  return [survivors(cohort), containers.length === 0 ? undefined : entries(containers)]
}

function survivors({ born, survivors: count, groups }: RunReport['cohort']): Markup {
  const kept =
    groups.length === 0
      ? 'no group of objects went on gathering'
      : `of the groups below ${formatCount(count)} outlived the cohort before`
  return markup`<h3>Survivors</h3>
<p class="dim">${formatCount(born)} objects were born in the last cohort and are there at its end; ${kept}.</p>
${groups.map((group, at) => {
  const { constructor: name, count: alive, perJob, bytes, path, state } = group
  const title = markup`<b>${name}</b> ${badge(state)} <span class="dim">${formatCount(alive)} of a cohort, ${formatNumber(perJob)} a job, ${formatBytes(bytes)}</span>`
  const steps = markup`<ol class="path">${path.map((step) => markup`<li><code>${step}</code></li>`)}</ol>`
  // What leaks first is what a reader came for.
  return at === 0 && state === 'leaks'
    ? markup`<details open="open"><summary>${title}</summary>${steps}</details>`
    : fold(title, steps)
})}`
}

function entries(containers: RunReport['containers']): Markup {
  return markup`<h3>Containers</h3>
${containers.map(({ name, owner, containers: count, entries: sizes, jobs, perJob, state }) => {
  const who = count > 1 ? `${formatCount(count)} × ${name}` : name
  const rate = `${formatCount(sizes[0] ?? 0)} to ${formatCount(sizes.at(-1) ?? 0)} entries, ${formatNumber(perJob)} a job`
  return fold(markup`<b>${who}</b> ${badge(state)} <span class="dim">${rate}</span>`, [
    markup`<ol class="path">${owner.split(' → ').map((step) => markup`<li><code>${step}</code></li>`)}</ol>`,
    table(
      [
        { title: 'after jobs', isNumber: true },
        { title: 'entries', isNumber: true },
      ],
      sizes.map((size, at) => [formatCount(jobs[at] ?? 0), formatCount(size)]),
    ),
  ])
})}`
}
