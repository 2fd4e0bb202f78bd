import { blockCorrection } from './block-correction.ts'
import { quantileOfSorted } from './quantile.ts'
import type { Random } from './random.ts'
import { createSlopeOf, type Point, theilSen } from './theil-sen.ts'

/** Resamples that an interval rests on. */
export const BOOTSTRAP_RESAMPLES = 1000

/**
 * Repeated residuals tie, and ties pull the median of pairs towards the fitted line: by simulation resampled Theil–Sen
 * slopes spread 1.24, 1.21 and 1.18 times too little for 12, 28 and 40 points.
 */
const TIE_CORRECTION = 1.2

/** How sure a slope is. */
export interface SlopeInterval {
  /** Theil–Sen slope, in units a job. */
  readonly slope: number
  /** Lower end of the 95 % interval. */
  readonly low: number
  /** Upper end of the 95 % interval. */
  readonly high: number
  /** Standard deviation of the resampled slopes. */
  readonly standardError: number
}

/**
 * The Theil–Sen slope of a curve with its 95 % interval, by the moving-block bootstrap of the residuals (H. R. Künsch,
 * "The jackknife and the bootstrap for general stationary observations", Annals of Statistics 17, 1989): memory
 * readings depend on the ones before them, and blocks of about √n keep that dependence where single points would not.
 * Residuals are scaled up (`blockCorrection`, `TIE_CORRECTION`), without which intervals of so few points are too narrow.
 */
export function bootstrapSlope(
  points: readonly Point[],
  random: Random,
  resamples: number = BOOTSTRAP_RESAMPLES,
): SlopeInterval {
  const { slope, intercept } = theilSen(points)
  const count = points.length
  const fitted = Float64Array.from(points, (p) => intercept + slope * p.x)
  const plain = centred(Float64Array.from(points, (p, i) => p.y - (fitted[i] as number)))
  if (plain.every((r) => r === 0)) return { slope, low: slope, high: slope, standardError: 0 }

  const block = Math.max(1, Math.round(Math.sqrt(count)))
  const xs = points.map((p) => p.x)
  const correction = TIE_CORRECTION * blockCorrection(xs, block)
  const residuals = plain.map((r) => r * correction)
  const slopeOf = createSlopeOf(xs)
  const ys = new Float64Array(count)
  const slopes = new Float64Array(resamples)
  for (let resample = 0; resample < resamples; resample++) {
    for (let at = 0; at < count; at += block) {
      const from = Math.floor(random() * (count - block + 1))
      for (let k = 0; k < block && at + k < count; k++)
        ys[at + k] = (fitted[at + k] as number) + (residuals[from + k] as number)
    }
    slopes[resample] = slopeOf(ys)
  }
  slopes.sort()
  return {
    slope,
    low: quantileOfSorted(slopes, 0.025),
    high: quantileOfSorted(slopes, 0.975),
    standardError: deviation(slopes),
  }
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function centred(values: Float64Array): Float64Array {
  const middle = mean(values)
  return values.map((value) => value - middle)
}

function deviation(values: Float64Array): number {
  return Math.sqrt(mean(centred(values).map((d) => d * d)))
}
