import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chooseJobs } from './choose-jobs.ts'

const named = (...names: string[]) => names.map((name, number) => ({ name, number }))
const numbers = (jobs: readonly { number: number }[]) => jobs.map(({ number }) => number)

it('takes as many of each name, in order, and of the others what one has not', () => {
  expect(numbers(chooseJobs(named('a', 'a', 'a', 'a', 'b', 'a'), 3))).toEqual([0, 1, 4])
  expect(numbers(chooseJobs(named('a', 'b', 'c'), 2))).toEqual([0, 1])
  expect(chooseJobs([], 5)).toEqual([])
})

it('takes as many as it may, and passes over no name that has a place', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd')), fc.nat(20), (names, limit) => {
      const chosen = chooseJobs(named(...names), limit)
      expect(chosen).toHaveLength(Math.min(limit, names.length))
      expect(numbers(chosen)).toEqual([...new Set(numbers(chosen))].sort((a, b) => a - b))
      const distinct = new Set(names).size
      expect(new Set(chosen.map(({ name }) => name)).size).toBe(Math.min(distinct, limit))
    }),
  )
})
