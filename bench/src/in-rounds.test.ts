import { expect, test } from 'vitest'
import { timeInRounds } from './in-rounds.ts'

test('every task has a value a round, and more work has larger ones', async () => {
  const sum = (terms: number) => async () => {
    let total = 0
    for (let i = 0; i < terms; i++) total += Math.sqrt(i ^ total)
    return total
  }
  const times = await timeInRounds({ short: sum(20), long: sum(400) }, { rounds: 2 })
  expect(times.short).toHaveLength(2)
  expect(times.long).toHaveLength(2)
  expect(Math.min(...times.long)).toBeGreaterThan(Math.max(...times.short))
  expect(Math.min(...times.short)).toBeGreaterThan(0)
})

test('a task that fails fails the benchmark', async () => {
  await expect(timeInRounds({ bad: () => Promise.reject(new Error('no')) }, { rounds: 1 })).rejects.toThrow('no')
})

test('an abort ends it', async () => {
  const signal = AbortSignal.abort(new Error('interrupted'))
  await expect(timeInRounds({ any: async () => {} }, { signal })).rejects.toThrow('interrupted')
})
