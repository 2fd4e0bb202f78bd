import { median, medianInPlace } from './quantile.ts'

/** One point of a curve: `x` in jobs, `y` in the measure's unit. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A straight line. */
export interface Line {
  readonly slope: number
  readonly intercept: number
}

/**
 * The Theil–Sen line through points: the median of the slopes of all pairs, so that up to 29 % of wild points do not
 * move it (P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63, 1968).
 * Points that share their `x` make no pair. NaN when there is no pair at all.
 */
export function theilSen(points: readonly Point[]): Line {
  const slope = createSlopeOf(points.map((p) => p.x))(Float64Array.from(points, (p) => p.y))
  return { slope, intercept: median(points.map((p) => p.y - slope * p.x)) }
}

/**
 * The Theil–Sen slope as a function of `y` alone, for one set of `x`: resampling asks for it a thousand times, and the
 * pairs stay the same.
 */
export function createSlopeOf(xs: readonly number[]): (ys: Float64Array) => number {
  const first: number[] = []
  const second: number[] = []
  for (let j = 1; j < xs.length; j++) {
    for (let i = 0; i < j; i++) {
      if (xs[i] === xs[j]) continue
      first.push(i)
      second.push(j)
    }
  }
  const slopes = new Float64Array(first.length)
  return (ys) => {
    for (let pair = 0; pair < slopes.length; pair++) {
      const i = first[pair] as number
      const j = second[pair] as number
      slopes[pair] = ((ys[j] as number) - (ys[i] as number)) / ((xs[j] as number) - (xs[i] as number))
    }
    return medianInPlace(slopes)
  }
}
