import { expect, it } from 'vitest'
import { MAX_JOB_TYPES, Tally } from './tally.ts'

it('counts by job name, keeps the first error, and is bounded', () => {
  const tally = new Tally(true)
  tally.done('a')
  tally.failed('a', new RangeError('first'))
  tally.failed('b', 'second')
  tally.data({ n: 1 })
  tally.data({ n: 1 })
  tally.data(undefined)
  const circular: { self?: unknown } = {}
  circular.self = circular
  tally.data(circular)
  for (let i = 0; i < 1_000; i++) tally.done(`type-${i}`)
  const outcomes = tally.outcomes()
  expect(outcomes).toMatchObject({ done: 1_001, failed: 2, firstError: 'RangeError: first', distinctData: 2 })
  expect(outcomes.types.slice(0, 2)).toEqual([
    { name: 'a', done: 1, failed: 1 },
    { name: 'b', done: 0, failed: 1 },
  ])
  expect(outcomes.types.length).toBe(MAX_JOB_TYPES)
})

it('counts no data unless asked to', () => {
  const tally = new Tally(false)
  tally.data({ n: 1 })
  expect(tally.outcomes().distinctData).toBeUndefined()
})
