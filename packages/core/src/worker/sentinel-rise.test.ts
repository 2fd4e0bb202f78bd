import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findRise, MIN_RISE_BYTES, MIN_RISE_STEPS, RISE_TIMES } from './sentinel-rise.ts'

const MB = 1_000_000

const sum = (bytes: readonly number[]): number => bytes.reduce((all, one) => all + one, 0)

const find = (bytes: readonly number[]) => findRise(bytes.map((one) => ({ bytes: one })))

const repeat = (count: number, bytes: (n: number) => number): number[] =>
  Array.from({ length: count }, (_, n) => bytes(n))

const alternating = (n: number): number => (n % 2 === 0 ? MB : -MB)

test('finds the step from which on everything grows', () => {
  const bytes = [...repeat(100, alternating), ...repeat(40, (n) => 3 * MB + alternating(n))]
  expect(find(bytes)).toEqual({ from: 100, least: MIN_RISE_BYTES })
})

test('a rise that has just begun, is too low or without anything before it is none', () => {
  const before = repeat(100, alternating)
  expect(find([...before, ...repeat(MIN_RISE_STEPS - 1, () => 9 * MB)])).toBeUndefined()
  expect(find([...before, ...repeat(MIN_RISE_STEPS, () => 9 * MB)])).toMatchObject({ from: 100 })
  expect(find([...before, ...repeat(40, () => 0.3 * MB)])).toBeUndefined()
  expect(find(repeat(MIN_RISE_STEPS * 2 - 1, () => 3 * MB))).toBeUndefined()
  expect(find([])).toBeUndefined()
})

test('what has risen before and fallen again is no news', () => {
  for (const every of [10, 50, 90]) {
    for (let length = 200; length < 300; length += 3) {
      const bytes = repeat(length, (n) => (n % every === every - 1 ? (1 - every) * MB : MB))
      expect(find(bytes)).toBeUndefined()
    }
  }
})

test('a rise that once happened is no reason to call another of its height one', () => {
  const rise = repeat(40, () => 3 * MB)
  const quiet = repeat(60, alternating)
  expect(find([...quiet, ...rise, ...quiet, ...rise])).toBeUndefined()
  expect(find([...quiet, ...quiet, ...quiet, ...rise])).toMatchObject({ from: 180 })
})

test('any rise has enough steps before and in it, and more than twice the growth of all that are as long before', () => {
  const part = fc.record({
    steps: fc.integer({ min: 1, max: 120 }),
    drift: fc.integer({ min: -4 * MB, max: 6 * MB }),
    noise: fc.array(fc.integer({ min: -2 * MB, max: 2 * MB }), { minLength: 1, maxLength: 7 }),
  })
  let found = 0
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const bytes = parts.flatMap(({ steps, drift, noise }) =>
        repeat(steps, (n) => drift + (noise[n % noise.length] ?? 0)),
      )
      const rise = find(bytes)
      if (!rise) return
      found++
      const length = bytes.length - rise.from
      expect(rise.from).toBeGreaterThanOrEqual(MIN_RISE_STEPS)
      expect(length).toBeGreaterThanOrEqual(MIN_RISE_STEPS)
      const growth = sum(bytes.slice(rise.from))
      expect(growth).toBeGreaterThanOrEqual(rise.least)
      expect(rise.least).toBeGreaterThanOrEqual(MIN_RISE_BYTES)
      for (let from = 0; from + length <= rise.from; from++) {
        expect(growth).toBeGreaterThanOrEqual(RISE_TIMES * sum(bytes.slice(from, from + length)))
      }
    }),
    { seed: 1, numRuns: 250 },
  )
  expect(found).toBeGreaterThan(20)
})
