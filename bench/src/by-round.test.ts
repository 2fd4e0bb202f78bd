import { expect, test } from 'vitest'
import { byRound } from './by-round.ts'

test('it combines what was measured in the same round', () => {
  expect(byRound((a, b) => a - b, [3, 5, 9], [1, 2, 4])).toEqual([2, 3, 5])
  expect(byRound((a) => a)).toEqual([])
})

test('a round that is missing makes no figure', () => {
  expect(byRound((a, b) => a - b, [3, 5], [1])).toEqual([2, Number.NaN])
})
