import { expect, test } from 'vitest'
import { percentile } from './percentile.ts'

const HUNDRED = Array.from({ length: 100 }, (_, i) => 100 - i)

test('it is one of the values, whatever their order', () => {
  expect(percentile(HUNDRED, 0.5)).toBe(50)
  expect(percentile(HUNDRED, 0.99)).toBe(99)
  expect(percentile(HUNDRED, 1)).toBe(100)
  expect(percentile(HUNDRED, 0)).toBe(1)
  expect(percentile([7], 0.99)).toBe(7)
})

test('of nothing it is NaN', () => {
  expect(percentile([], 0.5)).toBeNaN()
})
