import { METRICS, type MetricFamily, type MetricName } from './families.ts'

/** What the text is served as. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** One figure: the values of its labels, in the order of the family's. */
export interface Sample {
  readonly labels: readonly string[]
  readonly value: number
}

/** The figures of a histogram, not summed up: one more bucket than there are bounds. */
export interface HistogramSample {
  readonly labels: readonly string[]
  readonly bounds: readonly number[]
  readonly buckets: ArrayLike<number>
  readonly sum: number
}

/** The figures of each metric; one that has none now is declared all the same. */
export type Samples = Readonly<Record<MetricName, readonly (Sample | HistogramSample)[]>>

/** Writes metrics in Prometheus' text format, version 0.0.4. */
export function toText(samples: Samples): string {
  const lines: string[] = []
  for (const [name, family] of Object.entries(METRICS) as [MetricName, MetricFamily][]) {
    lines.push(`# HELP ${name} ${family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`)
    lines.push(`# TYPE ${name} ${family.type}`)
    for (const sample of samples[name]) {
      if ('value' in sample) lines.push(toLine(name, family.labels, sample.labels, sample.value))
      else lines.push(...toHistogram(name, family.labels, sample))
    }
  }
  return `${lines.join('\n')}\n`
}

function toHistogram(name: string, names: readonly string[], sample: HistogramSample): readonly string[] {
  let sum = 0
  const lines = Array.from(sample.buckets, (count, at) => {
    sum += count
    const bound = toNumber(sample.bounds[at] ?? Number.POSITIVE_INFINITY)
    return toLine(`${name}_bucket`, [...names, 'le'], [...sample.labels, bound], sum)
  })
  return [
    ...lines,
    toLine(`${name}_sum`, names, sample.labels, sample.sum),
    toLine(`${name}_count`, names, sample.labels, sum),
  ]
}

function toLine(name: string, names: readonly string[], values: readonly string[], value: number): string {
  const labels = names.map((label, at) => `${label}="${escapeLabel(values[at] ?? '')}"`).join(',')
  return `${name}${labels && `{${labels}}`} ${toNumber(value)}`
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}

function toNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
