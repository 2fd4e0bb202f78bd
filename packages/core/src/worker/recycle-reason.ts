/** The figures that are watched. */
export const MEASURES = ['total', 'rss'] as const

/** A figure that is watched. */
export type Measure = (typeof MEASURES)[number]

/** The two figures that are watched, in bytes. */
export interface Footprint {
  readonly total: number
  readonly rss: number
}

/** The figures at the time of a recycle. */
export interface RecycleFigures extends Footprint {
  /** Of the fresh isolate; where that was not read, the lowest that was. */
  readonly baseline: Footprint
  /** Whether the figures were read right after a full collection. */
  readonly confirmed: boolean
  /** Bytes that a job left behind, of what grew (else of `total`); undefined when that cannot be told. */
  readonly slope: number | undefined
  readonly jobs: number
  readonly ageMs: number
}

/** Why an isolate is recycled. `limit` is the one that it reached: bytes, jobs or ms. */
export type RecycleReason =
  | (RecycleFigures & { readonly reason: 'memory'; readonly limit: number; readonly measure: Measure })
  | (RecycleFigures & { readonly reason: 'jobs'; readonly limit: number })
  | (RecycleFigures & { readonly reason: 'age'; readonly limit: number })

/** A fresh isolate stands near its limit, or above it: for the operator, who alone can do something about it. */
export interface BaselineNotice {
  readonly reason: 'baseline'
  readonly measure: Measure
  readonly baseline: Footprint
  /** Bytes. */
  readonly limit: number
  /** What `measure` must reach until such an isolate is recycled, in bytes. */
  readonly recycleAt: number
}

const NAMES: Readonly<Record<Measure, string>> = { total: 'total memory', rss: 'RSS' }

function count(figure: number, digits = 0): string {
  return figure.toLocaleString('en-GB', { maximumFractionDigits: digits })
}

const mb = (bytes: number): string => `${count(bytes / 1e6, 1)} MB`

/** Says in one sentence, for a log line, why an isolate is recycled, or what is wrong with a fresh one. */
export function explain(why: RecycleReason | BaselineNotice): string {
  if (why.reason === 'baseline') {
    const held = `${mb(why.baseline[why.measure])} of ${NAMES[why.measure]}`
    return `a fresh isolate already takes ${held}, and its limit is ${mb(why.limit)}: raise memory, or load less in it; it is not recycled for memory below ${mb(why.recycleAt)}`
  }
  const { total, rss, jobs, limit } = why
  const both = `total memory ${mb(total)}, RSS ${mb(rss)}`
  if (why.reason === 'jobs') return `it has done ${count(jobs)} jobs of ${count(limit)} (${both})`
  if (why.reason === 'age') return `it is ${count(why.ageMs / 1e3, 1)} s old of ${count(limit / 1e3, 1)} s (${both})`
  const { measure, baseline, slope } = why
  const each = slope === undefined ? '' : ` (${count(slope / 1e3, 1)} KB a job)`
  const grown = `${NAMES[measure]} grew from ${mb(baseline[measure])} to ${mb(why[measure])} in ${count(jobs)} jobs${each}`
  const proof = why.confirmed
    ? 'confirmed by a full collection'
    : 'too fast for another collection to confirm it; the last confirmed readings say that it is no garbage'
  return `${grown}, and its limit is ${mb(limit)} (${both}); ${proof}`
}
