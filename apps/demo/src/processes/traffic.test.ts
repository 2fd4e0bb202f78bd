import { createApp } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { expect, test } from 'vitest'
import { NO_COUNTS } from '../ledger.ts'
import { createTrace } from '../trace.ts'
import type { OpenJob, Progress, Run } from './run.ts'
import { startTraffic } from './traffic.ts'

const trace = createTrace({ jobs: 3 })
const open: OpenJob = { id: 'job-000002', attempt: 1, waits: true }
const before: Progress = {
  fed: 2,
  counts: { ...NO_COUNTS, done: 1 },
  crashed: { jobs: 0, times: 0 },
  open: [{ ...open, id: 'job-000001' }],
}
const after: Progress = {
  fed: 3,
  counts: { done: 2, retried: 1, dead: { invalid: 1 } },
  crashed: { jobs: 1, times: 2 },
  open: [],
}

/** A run of which no hook tells anything, as its jobs are somebody else's; the engine answers in this order. */
function runOf(from: Progress, answers: Progress[]) {
  const fed: number[] = []
  const run: Run = {
    ...{ jobs: 3, seed: 1, starts: 2, from },
    feed: async (_, upTo) => void fed.push(upTo),
    read: async () => answers.shift() ?? after,
  }
  return { fed, run }
}

test('a run goes on after what was fed, and ends when the engine says so, whatever hooks have told', async () => {
  await using broker = createMemoryBroker()
  const { fed, run } = runOf(before, [{ ...before, fed: 3, open: [open] }])
  const traffic = await startTraffic(createApp(), broker, trace, run)
  expect(traffic).toMatchObject({ ended: 1, endedBefore: 1 })
  await traffic.finished
  expect(fed).toEqual([3])
  expect(traffic.ledger).toEqual({ done: 2, retried: 1, failedAttempts: 1, dead: { invalid: 1 } })
  expect(traffic.crashed).toEqual({ jobs: 1, times: 2 })
})

test('an engine that fails is told of, once', async () => {
  await using broker = createMemoryBroker()
  const { run } = runOf(before, [])
  const traffic = await startTraffic(createApp(), broker, trace, {
    ...run,
    feed: () => Promise.reject(new Error('full')),
  })
  await expect(traffic.finished).rejects.toThrow('full')
})

test('a traffic that was stopped feeds no more, and does not mind an engine that closes', async () => {
  await using broker = createMemoryBroker()
  const { run } = runOf(before, [])
  let failFeed: (error: Error) => void = () => {}
  let isFeeding: () => void = () => {}
  const feeding = new Promise<void>((resolve) => {
    isFeeding = resolve
  })
  const traffic = await startTraffic(createApp(), broker, trace, {
    ...run,
    feed: () => {
      isFeeding()
      return new Promise((_, reject) => {
        failFeed = reject
      })
    },
  })
  const settled: string[] = []
  traffic.finished.then(
    () => settled.push('finished'),
    () => settled.push('failed'),
  )
  await feeding
  traffic.stop()
  failFeed(new Error('closed'))
  await new Promise((resolve) => setImmediate(resolve))
  expect(settled).toEqual([])
})
