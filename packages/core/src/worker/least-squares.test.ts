import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom, normal } from '../../test/mixtures.ts'
import { invert, leastSquares, likeliestTheta, type Rows, residuals } from './least-squares.ts'

const toRows = (y: readonly number[], x: readonly (readonly number[])[], starts: readonly number[] = [0]): Rows => ({
  count: y.length,
  columns: x[0]?.length ?? 0,
  y: Float64Array.from(y),
  x: Float64Array.from(x.flat()),
  starts: Uint8Array.from(y, (_, row) => (starts.includes(row) ? 1 : 0)),
})

test('an inverse is one', () => {
  const matrix = fc.array(fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 4, maxLength: 4 }), {
    minLength: 4,
    maxLength: 4,
  })
  fc.assert(
    fc.property(matrix, (factor) => {
      // Positive, and not too near to singular.
      const positive = factor.map((row, i) =>
        factor.map((other, j) => row.reduce((sum, own, k) => sum + own * (other[k] ?? 0), i === j ? 1 : 0)),
      )
      const inverse = invert(Float64Array.from(positive.flat()), 4)
      for (const [i, row] of positive.entries()) {
        for (let j = 0; j < 4; j++) {
          const product = row.reduce((sum, own, k) => sum + own * (inverse[k * 4 + j] ?? 0), 0)
          expect(product).toBeCloseTo(i === j ? 1 : 0, 4)
        }
      }
    }),
  )
})

test('without noise it finds the coefficients, whatever theta', () => {
  const x = [
    [3, 1],
    [1, 4],
    [1, 5],
    [9, 2],
    [6, 5],
  ] as const
  const y = x.map(([a, b]) => 1_000 * a - 20 * b)
  for (const theta of [0, 0.5, 1]) {
    const { coefficients, errors } = leastSquares(toRows(y, x), theta)
    expect(coefficients[0]).toBeCloseTo(1_000, 4)
    expect(coefficients[1]).toBeCloseTo(-20, 4)
    expect(errors[0]).toBeLessThan(1e-4)
  }
  for (const rest of residuals(toRows(y, x))) expect(rest).toBeCloseTo(0, 4)
})

test('with theta 1 it is the line through the levels', () => {
  const levels = [5, 9, 7, 16, 14, 21, 20]
  const y = levels.slice(1).map((level, n) => level - (levels[n] ?? 0))
  const middle = (levels.length - 1) / 2
  let above = 0
  let below = 0
  for (const [n, level] of levels.entries()) {
    above += (n - middle) * level
    below += (n - middle) ** 2
  }
  const rows = toRows(
    y,
    y.map(() => [1]),
  )
  expect(leastSquares(rows, 1).coefficients[0]).toBeCloseTo(above / below, 9)
})

test('theta is near 1 for differences of independent readings, and 0 for independent rows', () => {
  const random = createRandom(7)
  const readings = Array.from({ length: 401 }, () => normal(random))
  const ones = Array.from({ length: 400 }, () => [1])
  const differences = ones.map((_, n) => (readings[n + 1] ?? 0) - (readings[n] ?? 0))
  expect(likeliestTheta(toRows(differences, ones))).toBeGreaterThanOrEqual(0.95)
  expect(likeliestTheta(toRows(readings.slice(1), ones))).toBe(0)
})

test('with few rows theta leaves room for what they cannot show', () => {
  const y = Array.from({ length: 16 }, (_, n) => (n % 2 ? 1 : -1))
  expect(
    likeliestTheta(
      toRows(
        y,
        y.map(() => [1]),
      ),
    ),
  ).toBeLessThanOrEqual(0.5)
})

test('columns in one proportion have errors that hide nothing, and their sum is kept', () => {
  const random = createRandom(1)
  const x = Array.from({ length: 50 }, () => Math.ceil(10 * random())).map((n) => [n, 2 * n])
  const y = x.map(([a = 0]) => 1_000 * a + normal(random))
  const { coefficients, errors } = leastSquares(toRows(y, x), 0)
  expect((coefficients[0] ?? 0) + 2 * (coefficients[1] ?? 0)).toBeCloseTo(1_000, 0)
  expect(errors[0]).toBeGreaterThan(1_000)
  expect(errors[1]).toBeGreaterThan(500)
})

test('one row alone has an error as large as what it says', () => {
  const x = Array.from({ length: 50 }, (_, n) => [1, n === 20 ? 1 : 0])
  const y = x.map((_, n) => (n === 20 ? 1_000 : (n % 3) - 1))
  const { coefficients, errors, restsOn } = leastSquares(toRows(y, x), 0)
  expect(coefficients[1]).toBeCloseTo(1_000, -1)
  expect(errors[1]).toBeGreaterThan(900)
  expect(restsOn[1]).toBeLessThan(1.1)
  expect(restsOn[0]).toBeGreaterThan(40)
})

test('a new series starts from nothing', () => {
  const x = [[1], [2], [3], [1], [2], [3]]
  const whole = leastSquares(toRows([1, 5, 3, 1, 5, 3], x, [0, 3]), 0.9)
  const part = leastSquares(toRows([1, 5, 3], x.slice(0, 3)), 0.9)
  expect(whole.coefficients[0]).toBeCloseTo(part.coefficients[0] ?? 0, 9)
})
