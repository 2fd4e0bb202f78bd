import type { RunReport } from '../../result.ts'
import { MEASURES, type Measure } from '../../witness/figures.ts'
import { formatCount, formatNumber } from '../format.ts'
import { badge } from './badge.ts'
import { drawCurve } from './curve.ts'
import { type Markup, markup } from './markup.ts'
import { facts } from './tables.ts'

const TITLES: Readonly<Record<Measure, string>> = {
  heap: 'Heap',
  external: 'External memory',
  rss: 'RSS',
  handles: 'Handles',
}

const UNITS: Readonly<Record<Measure, string>> = { heap: ' B', external: ' B', rss: ' B', handles: '' }

/** Each measure with its figures and its curve, and what the lines of the curves are. */
export function measureCards(run: RunReport): Markup {
  return markup`<div class="measures">${MEASURES.map((measure) => measureCard(run, measure))}</div>
${run.samples.length > 0 ? key(run) : undefined}`
}

function measureCard(run: RunReport, measure: Measure): Markup {
  const { slope, low, high, mde, growth, budget, verdict, jobs } = run.measures[measure]
  const unit = UNITS[measure]
  return markup`<div class="measure"><h3>${TITLES[measure]} ${badge(verdict)}</h3>
${facts({
  'a job': `${formatNumber(slope)}${slope === null ? '' : unit}`,
  '95 %': `${formatNumber(low)} … ${formatNumber(high)}`,
  budget: `${budget}${unit}`,
  'net growth': formatNumber(growth),
  'would see': formatNumber(mde),
  jobs: formatCount(jobs),
})}
${drawCurve(run, measure)}</div>`
}

function key({ rested }: RunReport): Markup {
  const entry = (kind: string, path: string, text: string): Markup =>
    markup`<li><svg viewBox="0 0 22 10" aria-hidden="true"><path class="${kind}" d="${path}"/></svg>${text}</li>`
  return markup`<ul class="key">
${entry('samples', 'M3 5h0M11 3h0M19 6h0', 'samples')}
${entry('floor', 'M0 7L11 3L22 5', 'floor: the lowest of each three')}
${entry('slope', 'M0 7L22 3', 'slope over the window, the last half (shaded)')}
${entry('band', 'M0 9L22 1V9L0 1Z', 'its 95 % interval')}
${entry('budget', 'M0 5H22', 'what the budget allows')}
${rested.length > 0 ? entry('rested', 'M11 5h0', 'after an idle time') : undefined}
</ul>`
}
