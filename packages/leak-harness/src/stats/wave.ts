import type { Point } from './theil-sen.ts'

/** Troughs that each half of a window needs, so that no single one speaks for it. */
const MIN_TROUGHS = 2

/** What a curve does that goes up and comes back. */
export interface Wave {
  /** Times that it came back within the window. */
  readonly troughs: number
  /** From its lowest point to its highest, in the measure's unit. */
  readonly range: number
  /** From the lowest trough of the first half to the second lowest of the second, a job: it came back to there twice. */
  readonly growth: number
}

/**
 * A batch that is written out every so many jobs, or a cache that is cleared now and then, moves in waves: no slope of
 * all points is flat within a budget of a byte, as where the window begins and ends tilts it. What it comes back to is.
 * A trough is the lowest point between a fall and a rise of half the range: not each need be as deep as the others.
 *
 * @returns nothing when it does not come back twice in each half of `from <= x <= to`
 */
export function waveOf(points: readonly Point[], from: number, to: number): Wave | undefined {
  const window = points.filter((p) => p.x >= from && p.x <= to)
  const values = window.map((p) => p.y)
  const range = Math.max(...values) - Math.min(...values)
  if (!(range > 0)) return undefined
  const troughs = troughsOf(window, range / 2)
  const middle = (from + to) / 2
  const early = troughs.filter((p) => p.x < middle)
  const late = troughs.filter((p) => p.x >= middle)
  if (early.length < MIN_TROUGHS || late.length < MIN_TROUGHS) return undefined
  const [lowest] = levelsOf(early)
  const returned = levelsOf(late)[MIN_TROUGHS - 1]
  return {
    troughs: troughs.length,
    range,
    growth: ((returned as number) - (lowest as number)) / (meanX(late) - meanX(early)),
  }
}

/** Lowest first. */
function levelsOf(points: readonly Point[]): number[] {
  return points.map((p) => p.y).sort((a, b) => a - b)
}

function meanX(points: readonly Point[]): number {
  return points.reduce((sum, p) => sum + p.x, 0) / points.length
}

function troughsOf(window: readonly Point[], swing: number): Point[] {
  const troughs: Point[] = []
  let [high, low] = [window[0], window[0]]
  let isFalling = false
  for (const point of window) {
    if (!high || point.y > high.y) high = point
    if (!low || point.y < low.y) low = point
    if (!isFalling && point.y <= high.y - swing) {
      isFalling = true
      low = point
    } else if (isFalling && point.y >= low.y + swing) {
      troughs.push(low)
      isFalling = false
      high = point
    }
  }
  return troughs
}
