import { expect, test } from 'vitest'
import { longestGap } from './longest-gap.ts'

const MOMENTS = [0, 10, 11, 12, 42, 43]

test('it is the longest one that touches the window', () => {
  expect(longestGap(MOMENTS, 10.5, 12)).toBe(1)
  expect(longestGap(MOMENTS, 10.5, 13)).toBe(30)
  expect(longestGap(MOMENTS, 41, 43)).toBe(30)
  expect(longestGap(MOMENTS, 0, 100)).toBe(30)
})

test('without two moments there is none', () => {
  expect(longestGap([], 0, 1)).toBe(0)
  expect(longestGap([1], 0, 2)).toBe(0)
})
