import {
  anew,
  baselineOf,
  believed,
  bytesAJob,
  climb,
  confirmedPace,
  floorSlope,
  type GovernorState,
  jobsUntil,
  observe,
  type Point,
  paceOf,
  SOFT_SHARE,
  threshold,
} from './governor-state.ts'
import type { IsolateReading } from './memory-reading.ts'
import {
  type BaselineNotice,
  MEASURES,
  type Measure,
  type RecycleFigures,
  type RecycleReason,
} from './recycle-reason.ts'

/*
 * When an isolate is recycled. `govern` is asked with each reading (every 50 ms or so) and moves like this:
 *
 *   watching ── a figure nears its threshold ──> asked      (verdict: confirm)
 *   asked    ── confirmed below it ────────────> watching   (it was garbage)
 *   asked    ── confirmed at it ───────────────> recycled   (memory, confirmed)
 *   asked    ── at the limit before another confirmed reading may be asked for, and what is known of the slope says
 *               that it is no garbage ─────────> recycled   (memory, not confirmed)
 *   any      ── its jobs or its time are over ─> recycled   (jobs, age)
 *
 * `recycled` is the end: it is said again to whatever is read later. While it is not due but will be soon, the verdict
 * is `prepare`. Two figures are watched, each with a threshold of its own: `total`, and RSS for what `total` does not
 * see. A threshold is 80 % of the limit, and more for an isolate that was nearly there when it was fresh.
 */

/** A confirmed reading is asked for at most so often, in ms: it costs a full collection. */
export const CONFIRM_EVERY_MS = 10_000

/** The same, in ms, while a figure stands above the limit or will before something could be done about it. */
export const CONFIRM_AT_LIMIT_EVERY_MS = 1_000

/** The same at least, in ms, for what was confirmed to grow: it may pass the limit before the next one. */
export const CONFIRM_GROWTH_EVERY_MS = 250

/** How long before it is needed a successor is started, in ms. */
export const PREPARE_MS = 2_000

/** How far a climb of the last readings is followed, in ms: one reading to be answered, and one to act upon. */
export const LOOKAHEAD_MS = 100

/** How long an isolate may live. `Infinity` is for ever. */
export interface GovernorLimits {
  /** Bytes, of `total` and of RSS: the isolate's own budget. */
  readonly memory: number
  readonly jobs: number
  readonly ageMs: number
}

/** What is to be done with an isolate. */
export type Verdict =
  | { readonly action: 'continue' }
  /** Collect, then read. */
  | { readonly action: 'confirm' }
  /** Start its successor: it will be needed within about two seconds, or `jobsLeft` jobs. Said with each reading. */
  | { readonly action: 'prepare'; readonly jobsLeft: number }
  | { readonly action: 'recycle'; readonly why: RecycleReason }

/** What follows from a reading. */
export interface Governed {
  /** To be given with the next reading of the same isolate. */
  readonly state: GovernorState
  readonly verdict: Verdict
  /** Once in the life of an isolate, if at all. */
  readonly notice?: BaselineNotice
}

/**
 * Decides from a reading of an isolate what is to be done with it. Pure; begin with `FRESH`, and with a confirmed
 * reading of the isolate before its first job: what it takes then is what no recycle would win back.
 *
 * A reading that makes no sense (not a number, negative, older than the one before) decides nothing. Never throws.
 */
export function govern(before: GovernorState, reading: IsolateReading, limits: GovernorLimits): Governed {
  if (before.recycled) return { state: before, verdict: { action: 'recycle', why: before.recycled } }
  const { total, rss, jobs, ageMs, at, confirmed } = reading
  const now: Point = { total, rss, jobs, ageMs, at }
  if (![total, rss, jobs, ageMs, at].every((figure) => figure >= 0 && figure < Number.POSITIVE_INFINITY)) {
    return { state: before, verdict: { action: 'continue' } }
  }
  const last = before.recent.at(-1)
  if (last && (jobs < last.jobs || ageMs < last.ageMs || at < last.at)) {
    return { state: anew(before, now), verdict: { action: 'continue' } }
  }

  const state = observe(before, now, confirmed)
  const thresholdOf = (measure: Measure): number => threshold(state, measure, limits.memory)
  const recycle = (why: RecycleReason): Governed => ({
    state: { ...state, recycled: why },
    verdict: { action: 'recycle', why },
  })

  if (confirmed && MEASURES.some((measure) => now[measure] >= thresholdOf(measure))) {
    return recycle(memoryReason(state, now, limits, true))
  }
  if (jobs >= limits.jobs) return recycle({ reason: 'jobs', limit: limits.jobs, ...figures(state, now, confirmed) })
  if (ageMs >= limits.ageMs) return recycle({ reason: 'age', limit: limits.ageMs, ...figures(state, now, confirmed) })

  if (!confirmed) {
    // What was confirmed once is known: an isolate that was fresh above 80 % is not asked again until it has grown.
    const near = (measure: Measure): boolean =>
      now[measure] >= (state.first ? thresholdOf(measure) : limits.memory * SOFT_SHARE)
    const atLimit = MEASURES.filter((measure) => {
      const soon = now[measure] + climb(state, measure) * LOOKAHEAD_MS
      return soon >= Math.max(limits.memory, thresholdOf(measure))
    })
    if (atLimit.length > 0 || MEASURES.some(near)) {
      const pause = pauseBefore(state, now, limits, atLimit.length > 0)
      if (state.askedAtAgeMs === undefined || ageMs - state.askedAtAgeMs >= pause) {
        return { state: { ...state, askedAtAgeMs: ageMs }, verdict: { action: 'confirm' } }
      }
      if (atLimit.some((measure) => believed(state, now, measure) >= thresholdOf(measure))) {
        return recycle(memoryReason(state, now, limits, false))
      }
    }
  }

  const notice = noticeOf(before, state, limits)
  return { state, verdict: successorVerdict(state, now, limits), ...(notice && { notice }) }
}

/**
 * How long to wait from one question to the next, in ms. What was confirmed to grow is asked for again before it can
 * pass the limit: a quarter of the time that is left.
 */
function pauseBefore(state: GovernorState, now: Point, limits: GovernorLimits, isAtLimit: boolean): number {
  const left = MEASURES.map((measure) => (limits.memory - now[measure]) / confirmedPace(state, measure))
  if (isAtLimit) return CONFIRM_AT_LIMIT_EVERY_MS
  return Math.min(CONFIRM_EVERY_MS, Math.max(CONFIRM_GROWTH_EVERY_MS, Math.min(...left) / 4))
}

function noticeOf(before: GovernorState, state: GovernorState, limits: GovernorLimits): BaselineNotice | undefined {
  const { first } = state
  if (before.first || first?.jobs !== 0) return undefined
  const measure = MEASURES.find((one) => first[one] >= limits.memory * SOFT_SHARE)
  if (!measure) return undefined
  const recycleAt = threshold(state, measure, limits.memory)
  return { reason: 'baseline', measure, baseline: baselineOf(state), limit: limits.memory, recycleAt }
}

function successorVerdict(state: GovernorState, now: Point, limits: GovernorLimits): Verdict {
  const pace = paceOf(state, now)
  const left = Math.min(
    limits.jobs - now.jobs,
    ...MEASURES.map((measure) => Math.max(0, jobsUntil(state, now, limits.memory, measure))),
  )
  const msLeft = limits.ageMs - now.ageMs
  // The last job ends it, however long it takes until that comes.
  if (left > Math.max(1, pace * PREPARE_MS) && msLeft > PREPARE_MS) return { action: 'continue' }
  return { action: 'prepare', jobsLeft: Math.floor(msLeft > PREPARE_MS ? left : Math.min(left, pace * msLeft)) }
}

function figures(state: GovernorState, now: Point, confirmed: boolean, measure: Measure = 'total'): RecycleFigures {
  const { total, rss, jobs, ageMs } = now
  const slope = bytesAJob(state.first, state.latest, measure) ?? floorSlope(state, measure)
  return { total, rss, baseline: baselineOf(state), confirmed, slope, jobs, ageMs }
}

function memoryReason(state: GovernorState, now: Point, limits: GovernorLimits, confirmed: boolean): RecycleReason {
  const baseline = baselineOf(state)
  const explained = now.total - baseline.total >= (now.rss - baseline.rss) / 2
  const measure = explained ? 'total' : 'rss'
  return { reason: 'memory', limit: limits.memory, measure, ...figures(state, now, confirmed, measure) }
}
