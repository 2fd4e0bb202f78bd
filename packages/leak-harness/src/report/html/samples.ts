import type { Sample } from '../../witness/sampler.ts'
import { formatBytes, formatCount } from '../format.ts'
import { type Markup, markup } from './markup.ts'
import { type Column, fold, table } from './tables.ts'

/** Samples in the table at most: the JSON report has them all. */
export const MAX_SAMPLES = 1_000

const COLUMNS: readonly Column[] = [
  'jobs',
  'heap',
  'code',
  'external',
  'rss',
  'descriptors',
  'resources',
  'listeners',
  'ms',
].map((title) => ({ title, isNumber: true }))

/** The samples, folded; of very many, one in so many that the page stays small. */
export function samplesFold(samples: readonly Sample[]): Markup | undefined {
  if (samples.length === 0) return undefined
  const every = Math.ceil(samples.length / MAX_SAMPLES)
  const shown = samples.filter((_, at) => at % every === 0)
  const rows = shown.map((one) => [
    formatCount(one.job),
    ...[one.heap, one.code, one.external, one.rss].map(formatBytes),
    ...[one.descriptors, one.resources, one.listeners, one.ms].map(formatCount),
  ])
  const left = every === 1 ? undefined : markup`<p class="dim">One in ${every}; the JSON report has them all.</p>`
  return fold(markup`<b>${formatCount(samples.length)} samples</b>`, [left, table(COLUMNS, rows)])
}
