import type { Footprint, Measure, RecycleReason } from './recycle-reason.ts'

/** The share of the limit from which memory is near it. */
export const SOFT_SHARE = 0.8

/** What a recycle for memory must win back at least, as a share of the limit; less where that would pass the limit. */
export const LEAST_GAIN_SHARE = 0.1

/** What a recycle for memory must win back at least, in bytes: code that gets warm takes about as much. */
export const LEAST_GAIN_BYTES = 4_000_000

/** How many of the last readings are kept: they tell a climb, and the floor of quick garbage. */
const RECENT = 4

/** A reading is marked so often, in ms, and so many marks are kept: an isolate's pace is that of the last seconds. */
const MARK_EVERY_MS = 1_000
const MARKS = 3

/** A reading, as far as it is remembered. */
export interface Point extends Footprint {
  readonly jobs: number
  readonly ageMs: number
  readonly at: number
}

/** What is remembered of one isolate: a few readings, however long it lives. Plain data. */
export interface GovernorState {
  /** The first confirmed reading, the last but one, and the last. */
  readonly first: Point | undefined
  readonly previous: Point | undefined
  readonly latest: Point | undefined
  readonly lowest: Footprint | undefined
  readonly recent: readonly Point[]
  /** Readings about a second apart, the oldest first. */
  readonly marks: readonly Point[]
  /** When a confirmed reading was last asked for. */
  readonly askedAtAgeMs: number | undefined
  readonly recycled: RecycleReason | undefined
}

/** Of an isolate that was not read yet. */
export const FRESH: GovernorState = {
  first: undefined,
  previous: undefined,
  latest: undefined,
  lowest: undefined,
  recent: [],
  marks: [],
  askedAtAgeMs: undefined,
  recycled: undefined,
}

/** A wall clock was set back, or readings overtook each other: what depends on their order begins anew. */
export function anew(state: GovernorState, now: Point): GovernorState {
  const { askedAtAgeMs } = state
  return {
    ...state,
    recent: [now],
    marks: [now],
    askedAtAgeMs: askedAtAgeMs === undefined ? undefined : Math.min(askedAtAgeMs, now.ageMs),
  }
}

export function observe(state: GovernorState, now: Point, confirmed: boolean): GovernorState {
  const { lowest = now, marks } = state
  const mark = marks.at(-1)
  return {
    ...state,
    first: state.first ?? (confirmed ? now : undefined),
    previous: confirmed ? state.latest : state.previous,
    latest: confirmed ? now : state.latest,
    lowest: { total: Math.min(lowest.total, now.total), rss: Math.min(lowest.rss, now.rss) },
    recent: [...state.recent.slice(1 - RECENT), now],
    marks: mark && now.ageMs - mark.ageMs < MARK_EVERY_MS ? marks : [...marks.slice(1 - MARKS), now],
  }
}

export function baselineOf({ first, lowest = { total: 0, rss: 0 } }: GovernorState): Footprint {
  return first?.jobs === 0 ? { total: first.total, rss: first.rss } : lowest
}

/** From how many bytes on a figure that is no garbage is worth a recycle. */
export function threshold(state: GovernorState, measure: Measure, limit: number): number {
  const baseline = baselineOf(state)[measure]
  // An isolate that begins close to its limit has less than the usual gain left: it must not be killed for want of it.
  const room = limit > baseline ? (limit - baseline) * SOFT_SHARE : Number.POSITIVE_INFINITY
  const gain = Math.max(LEAST_GAIN_BYTES, Math.min(limit * LEAST_GAIN_SHARE, room))
  return Math.max(limit * SOFT_SHARE, baseline + gain)
}

/** Bytes a ms that a figure climbs: by its last two steps (one leap is not a climb), or since it was last confirmed. */
export function climb({ recent, previous, latest }: GovernorState, measure: Measure): number {
  const rate = (from: Point | undefined, to: Point | undefined): number =>
    from && to && to.ageMs > from.ageMs ? (to[measure] - from[measure]) / (to.ageMs - from.ageMs) : 0
  const [a, b, c] = recent.slice(-3)
  const since = recent
    .filter((point) => previous && latest && point.ageMs > latest.ageMs)
    .map((point) => rate(latest, point))
  return Math.max(0, Math.min(rate(a, b), rate(b, c)), since.length > 0 ? Math.min(...since) : 0)
}

/**
 * Bytes a ms by which what is in use has grown, as far as confirmed readings tell: since the last but one, or since the
 * first, whichever is more. (What grows into pages that garbage has left does not show from one to the next.)
 */
export function confirmedPace({ first, previous, latest }: GovernorState, measure: Measure): number {
  const paces = [first, previous].map((from) =>
    from && latest && latest.ageMs > from.ageMs ? (latest[measure] - from[measure]) / (latest.ageMs - from.ageMs) : 0,
  )
  return Math.max(0, ...paces)
}

export function bytesAJob(from: Point | undefined, to: Point | undefined, measure: Measure): number | undefined {
  return from && to && to.jobs > from.jobs ? (to[measure] - from[measure]) / (to.jobs - from.jobs) : undefined
}

/** Bytes a job above the first confirmed reading, by the floor of the last readings: garbage makes it too high, never too low. */
export function floorSlope({ first, recent }: GovernorState, measure: Measure): number | undefined {
  const slopes = recent.flatMap((point) => bytesAJob(first, point, measure) ?? [])
  return slopes.length > 0 ? Math.min(...slopes) : undefined
}

/**
 * Where the growth up to the last confirmed reading may be measured from: the first confirmed one, the one before, and
 * what was read some seconds ago (a leak may begin late). That may hold garbage, and the growth is then too small.
 */
export function origins({ first, previous, marks }: GovernorState): readonly Point[] {
  return [first, previous, ...marks].filter((point) => point !== undefined)
}

/**
 * What a figure is without garbage, as far as confirmed readings prove it. Their slope goes on for as many jobs as it was
 * measured over and no longer, and never above what was read lately.
 */
export function believed(state: GovernorState, now: Point, measure: Measure): number {
  const { latest } = state
  if (!latest) return 0
  const bySlope = origins(state).map((from) => {
    const slope = bytesAJob(from, latest, measure) ?? 0
    const ahead = Math.max(0, Math.min(now.jobs - latest.jobs, latest.jobs - from.jobs))
    return Math.min(latest[measure] + slope * ahead, ...lately(state, now, measure, slope))
  })
  return Math.max(...bySlope)
}

/** What is in use now at most, by each of the last readings: garbage only adds to them. */
export function lately({ recent }: GovernorState, now: Point, measure: Measure, slope: number): readonly number[] {
  return recent.map((point) => point[measure] + slope * (now.jobs - point.jobs))
}

/** Jobs until a figure without garbage reaches its threshold. A guess that errs on the early side. */
export function jobsUntil(state: GovernorState, now: Point, limit: number, measure: Measure): number {
  const { first, latest } = state
  // What was confirmed may be long ago: the floor tells of a leak that has begun since.
  const confirmed = origins(state).map((from) => bytesAJob(from, latest, measure))
  const slope = Math.max(0, ...[...confirmed, floorSlope(state, measure)].map((one) => one ?? 0))
  if (!latest || slope === 0) return Number.POSITIVE_INFINITY
  const sinceConfirmed = latest[measure] + slope * Math.max(0, now.jobs - latest.jobs)
  const used = Math.min(sinceConfirmed, ...lately(state, now, measure, slope))
  const left = (threshold(state, measure, limit) - used) / slope
  // No further than it was measured: the first jobs warm an isolate up, and none would be without a successor.
  return left > now.jobs - (first?.jobs ?? now.jobs) ? Number.POSITIVE_INFINITY : left
}

/** Jobs a ms: lately (it may have idled for hours before), or over the whole life where that was more. */
export function paceOf({ marks }: GovernorState, now: Point): number {
  const pace = (jobs: number, ms: number): number => (ms > 0 ? jobs / ms : 0)
  const [mark = now] = marks
  return Math.max(pace(now.jobs, now.ageMs), pace(now.jobs - mark.jobs, now.ageMs - mark.ageMs))
}
