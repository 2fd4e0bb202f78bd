/** The ends of an axis. */
export type Ends = readonly [low: number, high: number]

/** Bytes per job that an axis shows at least, so that the noise of what is flat looks flat. */
export const LEAST_BYTES_PER_JOB = 1_000

/** An interval's end may be this many times as far out as the outermost estimate, and no further: it is cut there. */
const BAND_ROOM = 2

/** A limit further away than this many times the highest figure is said, not drawn: it would press the curves flat. */
const LIMIT_ROOM = 5

/** Air above the highest figure. */
const AIR = 1.08

/** How many halves of its interval an estimate must stand from zero to be surely something. */
const SURE = 2.5

/**
 * An interval that is wider than this, in bytes, says nothing of a job, unless the estimate is surely not zero: a line of it
 * would set the axis, and press flat what is known.
 */
export const WIDEST_BYTES = 100_000

/** Whether an estimate says something of a job: there were enough of them. */
export function tells(bytes: number | null, low: number | null, high: number | null): boolean {
  if (bytes === null || low === null || high === null) return false
  return high - low <= WIDEST_BYTES || isSure(bytes, low, high)
}

function isSure(bytes: number, low: number, high: number): boolean {
  return Math.abs(bytes) > (SURE * (high - low)) / 2
}

/**
 * How far the axis reaches for an estimate: to it, where it is surely not zero; else no further than the tightest interval
 * of all is wide, as the estimate of a type with few jobs may be off by megabytes.
 */
export function reachOf(bytes: number, low: number | null, high: number | null, tightest: number): number {
  if (low !== null && high !== null && isSure(bytes, low, high)) return bytes
  return Math.max(-tightest, Math.min(bytes, tightest))
}

/**
 * The axis of bytes per job: zero, what estimates reach for, and as much of the intervals as leaves the estimates readable
 * (early ones are wider than the screen).
 */
export function leakEnds(low: number, high: number, bandLow: number, bandHigh: number): Ends {
  const top = Math.max(high, LEAST_BYTES_PER_JOB)
  const bottom = Math.min(low, 0)
  const reach = Math.max(top, -bottom)
  return [
    Math.max(Math.min(bottom, bandLow), Math.min(bottom, -reach * BAND_ROOM)) * AIR || 0,
    Math.min(Math.max(top, bandHigh), top * BAND_ROOM) * AIR,
  ]
}

/** The axis of memory: from zero to the limit, or without it where it is far away. */
export function memoryEnds(high: number, limit: number | null): Ends {
  const shown = limitShown(high, limit) ? Math.max(high, limit as number) : high
  return [0, Math.max(shown, 1e6) * AIR]
}

/** Whether a limit is near enough to be drawn. */
export function limitShown(high: number, limit: number | null): boolean {
  return limit !== null && limit <= high * LIMIT_ROOM
}

/** The axis of anything that counts up from zero. `least`: what it shows at least. */
export function countEnds(high: number, least: number): Ends {
  return [0, Math.max(high, least) * AIR]
}

/** The shortest time that charts show, in ms: what has just begun is not squeezed into a corner, nor one point a line. */
const SHORTEST_MS = 120_000

/** The axis of time, in ms since the epoch: what there is, up to `spanMs`. */
export function timeEnds(first: number, end: number, spanMs: number): Ends {
  return [end - Math.min(Math.max(end - first, SHORTEST_MS), spanMs), end]
}
