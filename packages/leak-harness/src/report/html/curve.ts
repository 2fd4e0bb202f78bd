import type { MeasureReport, RunReport } from '../../result.ts'
import { toFloor } from '../../stats/floor.ts'
import { median } from '../../stats/quantile.ts'
import type { Point } from '../../stats/theil-sen.ts'
import { type Measure, toCurve } from '../../witness/figures.ts'
import { type Axis, toAxis } from './axis.ts'
import { type Markup, markup } from './markup.ts'

/** Size of the drawing, which is stretched to its place: lines keep their width. */
const WIDTH = 1000
const HEIGHT = 400

/** Points that are drawn of a curve at most; of more, the lowest and the highest of each share. */
export const MAX_DRAWN = 400

/** Share of the height that is left free above and below. */
const MARGIN = 0.06

/** Where a point is in the drawing. */
type Place = (point: Point) => readonly [x: number, y: number]

/** One measure's curve: samples, their floor, the slope with its 95 % band over the window, and what the budget allows. */
export function drawCurve(run: RunReport, measure: Measure): Markup | undefined {
  const samples = toCurve(run.samples, measure).filter(({ y }) => Number.isFinite(y))
  if (samples.length === 0) return undefined
  const figures = run.measures[measure]
  const start = figures.jobs / 2
  const window = toFloor(samples.filter(({ x }) => x >= start && x <= figures.jobs))
  const before = toFloor(samples.filter(({ x }) => x < start))
  const lines = fitOf(window, figures)
  const rested =
    measure === 'heap' || measure === 'external' ? run.rested.map((one) => ({ x: one.job, y: one[measure] })) : []
  const all = [...samples, ...rested, ...Object.values(lines ?? {}).flat()]
  const [x, y] = axesOf(all, measure)
  const place: Place = (point) => [
    round(((point.x - x.low) / (x.high - x.low)) * WIDTH),
    round((1 - (point.y - y.low) / (y.high - y.low)) * HEIGHT),
  ]
  return markup`<div class="plot">
<div class="y" aria-hidden="true">${y.ticks.map(({ value, label }) => markup`<span style="top:${percent(1 - (value - y.low) / (y.high - y.low))}">${label}</span>`)}</div>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${titleOf(measure, samples)}">
${shadeOf(start, figures.jobs, place)}
<path class="grid" d="${y.ticks.map(({ value }) => `M0 ${place({ x: x.low, y: value })[1]}H${WIDTH}`).join('')}"/>
${lines ? markup`<path class="band" d="${bandPath(lines, place)}"/>` : undefined}
<path class="samples" d="${dotsPath(thin(samples), place)}"/>
${rested.length > 0 ? markup`<path class="rested" d="${dotsPath(rested, place)}"/>` : undefined}
<path class="floor" d="${linePath(thin(before), place)}${linePath(thin(window), place)}"/>
${lines ? markup`<path class="budget" d="${linePath(lines.budget, place)}"/><path class="slope" d="${linePath(lines.slope, place)}"/>` : undefined}
</svg>
<div class="x" aria-hidden="true">${x.ticks.map(({ value, label }) => markup`<span style="left:${percent((value - x.low) / (x.high - x.low))}">${label}</span>`)}</div>
</div>`
}

interface Lines {
  readonly slope: readonly Point[]
  readonly low: readonly Point[]
  readonly high: readonly Point[]
  readonly budget: readonly Point[]
}

/** The lines of the window. Those of the interval cross in its middle; the budget's starts where the slope does. */
function fitOf(window: readonly Point[], { slope, low, high, budget }: MeasureReport): Lines | undefined {
  const [first, last] = [window[0], window.at(-1)]
  if (slope === null || low === null || high === null || !first || !last) return undefined
  const intercept = median(window.map((p) => p.y - slope * p.x))
  const middle = { x: (first.x + last.x) / 2, y: intercept + (slope * (first.x + last.x)) / 2 }
  const through = (from: Point, rate: number): Point[] =>
    [first.x, last.x].map((x) => ({ x, y: from.y + rate * (x - from.x) }))
  return {
    slope: through(middle, slope),
    low: through(middle, low),
    high: through(middle, high),
    budget: through({ x: first.x, y: intercept + slope * first.x }, budget),
  }
}

function axesOf(points: readonly Point[], measure: Measure): readonly [Axis, Axis] {
  const [lowest, highest] = rangeOf(points.map(({ y }) => y))
  // A curve that is level is drawn in the middle, and not as noise that fills the height.
  const span = highest - lowest || Math.max(2, Math.abs(highest) * 0.02)
  const middle = (lowest + highest) / 2
  const reach = span * (0.5 + MARGIN)
  const last = rangeOf(points.map(({ x }) => x))[1]
  return [toAxis(0, Math.max(1, last), 4, 'jobs'), toAxis(middle - reach, middle + reach, 4, measure)]
}

/** Not `Math.min(...values)`: a run may have more samples than a call may have arguments. */
function rangeOf(values: readonly number[]): readonly [number, number] {
  return [
    values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  ]
}

function shadeOf(from: number, to: number, place: Place): Markup {
  const [left] = place({ x: from, y: 0 })
  const [right] = place({ x: to, y: 0 })
  return markup`<rect class="window" x="${left}" y="0" width="${round(right - left)}" height="${HEIGHT}"/>`
}

function bandPath({ low, high }: Lines, place: Place): string {
  return `${linePath([...low, ...[...high].reverse()], place)}Z`
}

function linePath(points: readonly Point[], place: Place): string {
  return points.map((point, at) => `${at === 0 ? 'M' : 'L'}${place(point).join(' ')}`).join('')
}

/** Lines of no length with round ends: dots that stay round when the drawing is stretched. */
function dotsPath(points: readonly Point[], place: Place): string {
  return points.map((point) => `M${place(point).join(' ')}h0`).join('')
}

/** So few points that the page stays small: the lowest and the highest of each share, in their order. */
function thin(points: readonly Point[]): readonly Point[] {
  if (points.length <= MAX_DRAWN) return points
  const shares = MAX_DRAWN / 2
  return Array.from({ length: shares }, (_, share) => {
    const part = points.slice(
      Math.floor((share * points.length) / shares),
      Math.floor(((share + 1) * points.length) / shares),
    )
    const low = part.reduce((a, b) => (b.y < a.y ? b : a))
    const high = part.reduce((a, b) => (b.y > a.y ? b : a))
    return low.x < high.x ? [low, high] : low.x > high.x ? [high, low] : [low]
  }).flat()
}

function titleOf(measure: Measure, samples: readonly Point[]): string {
  return `${measure} over jobs, ${samples.length} samples`
}

function percent(share: number): string {
  return `${round(share * 100)}%`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
