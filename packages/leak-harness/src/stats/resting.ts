import type { Point } from './theil-sen.ts'

/** Fewer readings than this say nothing. */
export const MIN_RESTING_POINTS = 5

/**
 * Growth a job of readings that were each taken after an idle time, in which all that lives for a time had gone: from
 * the lower of the first two to the higher of the last two, so that no growth is missed. NaN for fewer than 5.
 */
export function restingGrowth(points: readonly Point[]): number {
  if (points.length < MIN_RESTING_POINTS) return Number.NaN
  const [first, last] = [points.slice(0, 2), points.slice(-2)]
  const rise = Math.max(...last.map((p) => p.y)) - Math.min(...first.map((p) => p.y))
  return rise / (meanX(last) - meanX(first))
}

function meanX(points: readonly Point[]): number {
  return points.reduce((sum, p) => sum + p.x, 0) / points.length
}
