import { bootstrapSlope, type SlopeInterval } from './bootstrap.ts'
import { toFloor } from './floor.ts'
import { median } from './quantile.ts'
import { createRandom } from './random.ts'
import type { Point } from './theil-sen.ts'
import { waveOf } from './wave.ts'

/** Standard errors in the smallest effect that would be seen four times in five, at 95 %. */
export const MDE_STANDARD_ERRORS = 2.8

/** Fewer floor points than this in a window decide nothing. */
export const MIN_FLOOR_POINTS = 6

/** What one measure does. */
export type MeasureVerdict = 'flat' | 'waves' | 'rests' | 'grows' | 'undecided' | 'unread'

/** The figures of one window of a curve, in units a job. */
export interface WindowFigures extends SlopeInterval {
  /** The smallest growth a job that would have been seen: 2.8 standard errors. */
  readonly mde: number
  /** Net growth of the floor a job, from the window's start to its end. */
  readonly growth: number
  /** Whether each third of the window stands higher than the one before, by its median and by its lowest point. */
  readonly rises: boolean
  /** The median and the lowest point of the floor, in the measure's unit. */
  readonly level: { readonly median: number; readonly lowest: number }
  /** Floor points that the figures rest on. */
  readonly points: number
}

/** The verdict on one measure, with the figures that it rests on. */
export interface Decision extends WindowFigures {
  readonly verdict: MeasureVerdict
}

/**
 * The figures of the points with `from <= x <= to`.
 * `seed` makes the interval repeatable.
 */
export function figuresOf(points: readonly Point[], from: number, to: number, seed: number): WindowFigures {
  const floor = toFloor(points.filter((p) => p.x >= from && p.x <= to))
  if (floor.length < MIN_FLOOR_POINTS) return { ...NOTHING, points: floor.length }
  const interval = bootstrapSlope(floor, createRandom(seed))
  const third = Math.floor(floor.length / 3)
  const [early, middle, late] = [floor.slice(0, third), floor.slice(third, -third), floor.slice(-third)].map(levelOf)
  return {
    ...interval,
    mde: MDE_STANDARD_ERRORS * interval.standardError,
    growth: netGrowth(floor),
    rises: isHigher(middle as Level, early as Level) && isHigher(late as Level, middle as Level),
    level: levelOf(floor),
    points: floor.length,
  }
}

const NOTHING: WindowFigures = {
  slope: Number.NaN,
  low: Number.NaN,
  high: Number.NaN,
  standardError: Number.NaN,
  mde: Number.NaN,
  growth: Number.NaN,
  rises: false,
  level: { median: Number.NaN, lowest: Number.NaN },
  points: 0,
}

/** Of a measure that the runtime does not tell closely enough to be judged. */
export const UNREAD: Decision = { ...NOTHING, verdict: 'unread' }

type Level = WindowFigures['level']

function levelOf(floor: readonly Point[]): Level {
  const values = floor.map((p) => p.y)
  return { median: median(values), lowest: Math.min(...values) }
}

function isHigher(later: Level, earlier: Level): boolean {
  return later.median > earlier.median && later.lowest > earlier.lowest
}

/** From the median of the first tenth to that of the last, so that no single reading makes it. */
function netGrowth(floor: readonly Point[]): number {
  const tenth = Math.max(1, Math.round(floor.length / 10))
  const start = floor.slice(0, tenth)
  const end = floor.slice(-tenth)
  return (
    (median(end.map((p) => p.y)) - median(start.map((p) => p.y))) /
    (median(end.map((p) => p.x)) - median(start.map((p) => p.x)))
  )
}

/** What a curve is held against, in units a job. */
export interface CurveOptions {
  readonly budget: number
  /** What the troughs of a wave may rise by. Default 0: a wave is never enough. */
  readonly waveBudget?: number
  /** Makes the interval repeatable. */
  readonly seed: number
}

/**
 * Judges a curve that starts at job 0 and ends at `jobs`. The window is its last half.
 *
 * - `flat`: the interval's upper end and the net growth are both within the budget. It was shown to be flat, which is
 *   more than not having been shown to grow.
 * - `grows`: the interval's lower end is over the budget and the thirds rise, in the window and in the one before it
 *   (a quarter to a half of the run); the growth of the later is at least half of the earlier's, as a cache that
 *   fills slows down and a leak does not; and nothing fell back to where the earlier window stood, as a batch that is
 *   written out gives back what it took and a leak does not.
 * - `waves`: goes up and comes back, again and again, and where it comes back to rises by less than `waveBudget`.
 * - `undecided`: neither. More jobs would tell.
 */
export function judgeCurve(
  points: readonly Point[],
  jobs: number,
  { budget, waveBudget = 0, seed }: CurveOptions,
): Decision {
  const figures = figuresOf(points, jobs / 2, jobs, seed)
  if (figures.high <= budget && figures.growth <= budget) return { ...figures, verdict: 'flat' }
  const wave = waveOf(points, jobs / 2, jobs)
  if (wave && wave.growth < waveBudget) return { ...figures, verdict: 'waves' }
  if (!exceeds(figures, budget)) return { ...figures, verdict: 'undecided' }
  const before = figuresOf(points, jobs / 4, jobs / 2, seed)
  const goesOn = figures.growth >= before.growth / 2 && figures.level.lowest > before.level.median
  return { ...figures, verdict: exceeds(before, budget) && goesOn ? 'grows' : 'undecided' }
}

function exceeds(figures: WindowFigures, budget: number): boolean {
  return figures.low > budget && figures.rises
}
