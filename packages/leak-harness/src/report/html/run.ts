import { baselineNotes, isAccepted } from '../../baseline/baseline-report.ts'
import type { FailedRun, RunReport } from '../../result.ts'
import { formatCount } from '../format.ts'
import { runtimeOf } from '../side-by-side.ts'
import { badge } from './badge.ts'
import { bleedPart } from './bleed.ts'
import { type Markup, markup } from './markup.ts'
import { measureCards } from './measures.ts'
import { retained } from './retained.ts'
import { samplesFold } from './samples.ts'
import { facts, notes, table } from './tables.ts'

/** One run: the verdict and why, then all that it rests on. */
export function runCard(run: RunReport): Markup {
  const { outcomes } = run
  return markup`<section class="card">
<h2>${badge(run.verdict)} ${isAccepted(run) ? badge('accepted') : undefined} ${nameOf(run.module)} <span class="dim">${runtimeOf(run)}</span></h2>
<div class="dim">${run.module}</div>
<p class="because">${run.because}</p>
${notes([...baselineNotes(run), ...run.notes])}
${outcomes.firstError === undefined ? undefined : markup`<p class="dim">The first error of a job:</p><pre>${outcomes.firstError}</pre>`}
${facts({
  jobs: `${formatCount(run.jobs)} after ${formatCount(run.warmup)} to warm up`,
  concurrency: run.concurrency,
  done: formatCount(outcomes.done),
  failed: formatCount(outcomes.failed),
  'different data': formatCount(run.distinctData),
  'the weighing ended': END[run.end],
  seed: run.seed,
  took: `${(run.ms / 1000).toFixed(1)} s`,
})}
${measureCards(run)}
${typesPart(run)}
${retained(run)}
${run.bleed ? bleedPart(run.bleed) : undefined}
<h3>Raw figures</h3>
${samplesFold(run.samples) ?? markup`<p class="dim">There are no samples.</p>`}
</section>`
}

/** A run that came to no verdict: why, and what was measured before. */
export function failedCard(run: FailedRun): Markup {
  const { outcomes, distinctData, censuses, samples } = run.partial
  return markup`<section class="card">
<h2>${badge('failed')} ${nameOf(run.module)} <span class="dim">${runtimeOf(run)}</span></h2>
<div class="dim">${run.module}</div>
<p class="because"><code>${run.code}</code></p>
<pre>${run.error}</pre>
<h3>Measured before it failed</h3>
${facts({
  done: outcomes ? formatCount(outcomes.done) : 'not known',
  failed: outcomes ? formatCount(outcomes.failed) : 'not known',
  'different data': distinctData === null ? 'not known' : formatCount(distinctData),
  samples: formatCount(samples.length),
})}
${outcomes?.firstError === undefined ? undefined : markup`<p class="dim">The first error of a job:</p><pre>${outcomes.firstError}</pre>`}
${
  censuses.length === 0
    ? undefined
    : table(
        [
          { title: 'after jobs', isNumber: true },
          { title: 'entries of all containers', isNumber: true },
        ],
        censuses.map(({ job, entries }) => [formatCount(job), formatCount(entries)]),
      )
}
${samplesFold(samples)}
</section>`
}

const END: Readonly<Record<RunReport['end'], string>> = {
  decided: 'when it was decided',
  jobs: 'when it had been doubled as often as it may be',
  time: 'when the time was up',
  memory: 'when memory had grown past the limit',
  elsewhere: 'when the entries had shown a leak',
}

function typesPart({ jobTypes }: RunReport): Markup | undefined {
  if (jobTypes.length === 0) return undefined
  const columns = [
    { title: 'type' },
    { title: 'verdict' },
    { title: 'done', isNumber: true },
    { title: 'failed', isNumber: true },
  ]
  const rows = jobTypes.map((type) => [
    markup`<code>${type.name}</code>`,
    badge(type.verdict),
    formatCount(type.done),
    formatCount(type.failed),
  ])
  const alone = jobTypes.flatMap(({ name, because }) => (because === undefined ? [] : [`${name} alone: ${because}`]))
  return markup`<h3>Job types</h3>${table(columns, rows)}${notes(alone)}`
}

/** The last part of a path. */
export function nameOf(module: string): string {
  return module.split(/[\\/]/).at(-1) ?? module
}
