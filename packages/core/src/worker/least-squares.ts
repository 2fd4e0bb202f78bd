/**
 * Least squares for what grows between readings: rows of counts without an intercept, in series of neighbours.
 *
 * A row is the difference of two readings, so the error of one reading is in two rows with opposite signs, beside what
 * really came and went between them. That is the local level model, whose differences are a moving average of one lag:
 * `e(k) - theta e(k-1)`, theta from 0 (rows are independent) to 1 (readings are, and levels lie about a line). Its exact
 * innovations filter makes rows and counts independent alike (generalised least squares); theta is the likeliest. See
 * Harvey, Forecasting, Structural Time Series Models and the Kalman Filter (1989); Brockwell and Davis,
 * Time Series: Theory and Methods (1991), 5.2.
 */
export interface Rows {
  readonly count: number
  readonly columns: number
  /** What is explained, one a row. */
  readonly y: Float64Array
  /** Counts, row by row. */
  readonly x: Float64Array
  /** 1 where a row does not follow the one before it: a series starts. */
  readonly starts: Uint8Array
}

/** What each column explains, and how surely. */
export interface Fit {
  readonly coefficients: Float64Array
  /** Standard errors of the coefficients. */
  readonly errors: Float64Array
  /** How many rows each coefficient rests on: few when few weigh most, NaN when there is none. */
  readonly restsOn: Float64Array
}

/** Where a coefficient is, surely enough. */
export interface Interval {
  readonly middle: number
  /** Half of the width; Infinity when nothing is known. */
  readonly half: number
}

interface Solution extends Rows {
  readonly coefficients: Float64Array
  readonly inverse: Float64Array
  /** Sum of the squared residuals. */
  readonly squares: number
  /** Sum of the logarithms of the rows' variances. */
  readonly logVariance: number
}

/**
 * Prior that keeps columns that cannot be told apart solvable, as a share of each column's own square: so small that each
 * of them gets an error a million times that of their sum, and never looks certain.
 */
const RIDGE = 1e-12

const THETAS = [0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98] as const

/**
 * The likeliest theta of a few gets no nearer to 1 than 1 - 8 / rows. Its estimate piles up at 1 when rows are few (Shephard
 * and Harvey 1990), and 1 says that readings wander not at all: this leaves room for what so few could not show.
 */
const ROOM = 8

/** Blocks of neighbouring rows. */
const BLOCKS = 12

/** The likeliest theta of the rows. */
export function likeliestTheta(rows: Rows): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (const theta of THETAS) {
    if (theta > 0 && theta > 1 - ROOM / rows.count) break
    const { squares, logVariance } = solve(whiten(rows, theta))
    const unlikely = rows.count * Math.log(Math.max(squares, Number.MIN_VALUE)) + logVariance
    if (unlikely >= least) break
    best = theta
    least = unlikely
  }
  return best
}

/** What plain least squares leaves unexplained, row by row. */
export function residuals(rows: Rows): Float64Array {
  return residualsOf(solve(whiten(rows, 0)))
}

/**
 * Fits the rows. The error of a coefficient is the largest of three: the classical one; that of the sandwich which takes
 * each row's own residual as if the fit had been made without it (HC3, about the jackknife: MacKinnon and White 1985), so
 * that one wild row makes an error as large as what it says; and the same with the rows of a block summed, for errors that
 * hang together in a way that theta does not tell, as after a jump (clusters: Liang and Zeger 1986).
 */
export function leastSquares(rows: Rows, theta: number): Fit {
  const white = solve(whiten(rows, theta))
  const { columns, count, inverse, coefficients } = white
  const rest = residualsOf(white)
  const variance = white.squares / Math.max(1, count - columns)
  const sandwich = new Float64Array(columns)
  const blocks = new Float64Array(columns)
  const block = new Float64Array(columns)
  const length = Math.ceil(count / BLOCKS)
  const second = new Float64Array(columns)
  const fourth = new Float64Array(columns)
  const influence = new Float64Array(columns)
  for (let row = 0; row < count; row++) {
    let leverage = 0
    for (let i = 0; i < columns; i++) {
      let sum = 0
      for (let j = 0; j < columns; j++) sum += at(inverse, i * columns + j) * at(white.x, row * columns + j)
      influence[i] = sum
      leverage += sum * at(white.x, row * columns + i)
    }
    const left = 1 - leverage
    const without = left > 1e-6 ? at(rest, row) / left : at(white.y, row)
    for (let i = 0; i < columns; i++) {
      const square = at(influence, i) ** 2
      sandwich[i] = at(sandwich, i) + square * without * without
      block[i] = at(block, i) + at(influence, i) * without
      second[i] = at(second, i) + square
      fourth[i] = at(fourth, i) + square * square
      if ((row + 1) % length !== 0 && row + 1 < count) continue
      blocks[i] = at(blocks, i) + at(block, i) ** 2
      block[i] = 0
    }
  }
  const errors = sandwich.map((wild, i) =>
    Math.sqrt(Math.max(wild, at(blocks, i), variance * at(inverse, i * columns + i))),
  )
  const own = rowsThatCount(rows)
  return { coefficients, errors, restsOn: second.map((sum, i) => Math.min((sum * sum) / at(fourth, i), at(own, i))) }
}

/** 95 % intervals of the coefficients. Nothing is known with no more rows than columns, nor by a single row. */
export function toIntervals(rows: Rows, theta: number): readonly Interval[] {
  const { coefficients, errors, restsOn } = leastSquares(rows, theta)
  return Array.from(coefficients, (middle, column) => {
    const degrees = Math.min(rows.count - rows.columns, at(restsOn, column) - 1)
    return { middle, half: degrees >= 1 ? student(degrees) * at(errors, column) : Number.POSITIVE_INFINITY }
  })
}

/** Student's 97.5 % quantile (Abramowitz and Stegun 26.7.5): to 1 % from two degrees on, to 11 % from one. */
function student(degrees: number): number {
  return 1.96 + 2.372 / degrees + 2.823 / degrees ** 2 + 2.556 / degrees ** 3 + 1.595 / degrees ** 4
}

/** How many rows each column lives on, by Kish's measure: as many as there are when they weigh alike, one when one outweighs. */
function rowsThatCount({ count, columns, x }: Rows): Float64Array {
  return new Float64Array(columns).map((_, i) => {
    let second = 0
    let fourth = 0
    for (let row = 0; row < count; row++) {
      const square = at(x, row * columns + i) ** 2
      second += square
      fourth += square * square
    }
    return (second * second) / fourth
  })
}

/** Rows made independent and of one variance. */
function whiten(rows: Rows, theta: number): Rows & { readonly logVariance: number } {
  const { count, columns } = rows
  const y = new Float64Array(count)
  const x = new Float64Array(count * columns)
  const before = new Float64Array(columns + 1)
  let variance = 1
  let logVariance = 0
  for (let row = 0; row < count; row++) {
    const carried = rows.starts[row] ? 0 : -theta / variance
    variance = 1 + theta * theta + (rows.starts[row] ? 0 : theta * carried)
    logVariance += Math.log(variance)
    const scale = 1 / Math.sqrt(variance)
    for (let i = 0; i < columns; i++) {
      const own = at(rows.x, row * columns + i) - carried * at(before, i)
      before[i] = own
      x[row * columns + i] = own * scale
    }
    const own = at(rows.y, row) - carried * at(before, columns)
    before[columns] = own
    y[row] = own * scale
  }
  return { count, columns, y, x, starts: rows.starts, logVariance }
}

function solve(rows: Rows & { readonly logVariance: number }): Solution {
  const { count, columns, x, y } = rows
  const gram = new Float64Array(columns * columns)
  const moment = new Float64Array(columns)
  for (let row = 0; row < count; row++) {
    const start = row * columns
    for (let i = 0; i < columns; i++) {
      const own = at(x, start + i)
      if (own === 0) continue
      moment[i] = at(moment, i) + own * at(y, row)
      for (let j = 0; j <= i; j++) gram[i * columns + j] = at(gram, i * columns + j) + own * at(x, start + j)
    }
  }
  const inverse = invert(gram, columns)
  const coefficients = moment.map((_, i) => {
    let sum = 0
    for (let j = 0; j < columns; j++) sum += at(inverse, i * columns + j) * at(moment, j)
    return sum
  })
  let squares = 0
  for (const rest of residualsOf({ ...rows, coefficients })) squares += rest * rest
  return { ...rows, coefficients, inverse, squares }
}

function residualsOf({ count, columns, x, y, coefficients }: Rows & Pick<Solution, 'coefficients'>): Float64Array {
  const rest = new Float64Array(count)
  for (let row = 0; row < count; row++) {
    let left = at(y, row)
    for (let i = 0; i < columns; i++) left -= at(coefficients, i) * at(x, row * columns + i)
    rest[row] = left
  }
  return rest
}

/**
 * The inverse of a positive matrix whose lower half is given, by sweeping its columns scaled to 1, with the ridge. O(n³).
 * A column of zeros is taken as one of a single job.
 */
export function invert(lower: Float64Array, size: number): Float64Array {
  const scale = new Float64Array(size)
  for (let i = 0; i < size; i++) scale[i] = 1 / Math.sqrt(at(lower, i * size + i) || 1)
  const a = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      a[i * size + j] = at(lower, i * size + j) * at(scale, i) * at(scale, j)
      a[j * size + i] = at(a, i * size + j)
    }
    a[i * size + i] = (at(lower, i * size + i) ? 1 : 0) + RIDGE
  }
  for (let k = 0; k < size; k++) {
    // What rounding left of a pivot is no information.
    const pivot = 1 / Math.max(at(a, k * size + k), RIDGE)
    a[k * size + k] = 1
    for (let j = 0; j < size; j++) a[k * size + j] = at(a, k * size + j) * pivot
    for (let i = 0; i < size; i++) {
      if (i === k) continue
      const factor = at(a, i * size + k)
      a[i * size + k] = 0
      if (factor === 0) continue
      for (let j = 0; j < size; j++) a[i * size + j] = at(a, i * size + j) - factor * at(a, k * size + j)
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) a[i * size + j] = at(a, i * size + j) * at(scale, i) * at(scale, j)
  }
  return a
}

function at(numbers: Float64Array, index: number): number {
  return numbers[index] ?? 0
}
