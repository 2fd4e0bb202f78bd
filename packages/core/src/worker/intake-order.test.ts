import { expect, onTestFinished, test, vi } from 'vitest'
import { setUpWorker } from '../../test/set-up-worker.ts'
import { createApp } from '../app.ts'
import { defineJob } from '../job.ts'
import { createMemoryBroker } from '../memory/index.ts'
import { inProcess } from './in-process.ts'
import { Intake } from './intake.ts'
import { orderQueues } from './intake-order.ts'
import type { WorkerQueue } from './options.ts'

/** A generator of numbers from 0 to 1 that gives the same ones each time (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), bits | 61)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}

const ASKS = 10_000

/** How often each of the queues came at each place, as shares of the asks. */
function sharesOf(queues: readonly WorkerQueue[], seed = 1): Record<string, number[]> {
  const random = createRandom(seed)
  const counts: Record<string, number[]> = Object.fromEntries(queues.map(({ name }) => [name, queues.map(() => 0)]))
  for (let n = 0; n < ASKS; n++) {
    for (const [place, { name }] of orderQueues(queues, random).entries()) {
      const row = counts[name] as number[]
      row[place] = (row[place] as number) + 1 / ASKS
    }
  }
  return counts
}

test('without weights the order is that of the names, and nothing is random', () => {
  const random = vi.fn(Math.random)
  const queues = [{ name: 'a' }, { name: 'b', concurrency: 3 }, { name: 'c' }]
  expect(orderQueues(queues, random)).toEqual(queues)
  expect(orderQueues([{ name: 'a', weight: 5 }], random)).toEqual([{ name: 'a', weight: 5 }])
  expect(random).not.toHaveBeenCalled()
})

test.each([1, 2, 3])(
  '9 to 1: shares of first places within 2 %% points, and no queue waits for long (seed %i)',
  (seed) => {
    const queues = [
      { name: 'bulk', weight: 1 },
      { name: 'urgent', weight: 9 },
    ]
    const { urgent, bulk } = sharesOf(queues, seed)
    expect(urgent?.[0]).toBeGreaterThan(0.88)
    expect(urgent?.[0]).toBeLessThan(0.92)
    expect(bulk?.[1]).toBeCloseTo(urgent?.[0] as number, 10)
    const random = createRandom(seed)
    let gap = 0
    let longest = 0
    for (let n = 0; n < ASKS; n++) {
      gap = orderQueues(queues, random)[0]?.name === 'bulk' ? 0 : gap + 1
      longest = Math.max(longest, gap)
    }
    // That 200 asks in a row pass it by has a chance of 1 in a billion.
    expect(longest).toBeLessThan(200)
  },
)

test('places after the first go by the weights of those left; who has none weighs 1', () => {
  const shares = sharesOf([{ name: 'a', weight: 6 }, { name: 'b', weight: 3 }, { name: 'c' }])
  expect(shares.a?.[0]).toBeCloseTo(0.6, 1)
  expect(shares.b?.[0]).toBeCloseTo(0.3, 1)
  expect(shares.c?.[0]).toBeCloseTo(0.1, 1)
  // Second: b after a is 0.6 * 3/4, b after c is 0.1 * 3/9.
  expect(Math.abs((shares.b?.[1] as number) - (0.6 * 0.75 + 0.1 / 3))).toBeLessThan(0.02)
})

test.each([
  [Number.MIN_VALUE, 1],
  [1, Number.MAX_VALUE],
  [Number.MIN_VALUE, Number.MIN_VALUE],
])('weights of %d and %d: all queues are in the order, once', (a, b) => {
  const random = createRandom(4)
  const queues = [{ name: 'a', weight: a }, { name: 'b', weight: b }, { name: 'c' }]
  for (let n = 0; n < 100; n++) {
    expect(new Set(orderQueues(queues, random).map(({ name }) => name))).toEqual(new Set(['a', 'b', 'c']))
  }
})

test('an ask names the queues in that order, without those at their limits', () => {
  const queues = [
    { name: 'bulk', weight: 1 },
    { name: 'urgent', weight: 9 },
    { name: 'closed', weight: 1_000, concurrency: 1 },
  ]
  const executor = inProcess(createApp(), { concurrency: 4 })
  const intake = new Intake(createMemoryBroker(), executor, queues, createRandom(5))
  const held = new Set([{ delivery: { job: { queue: 'closed' } } }]) as unknown as Parameters<Intake['next']>[0]
  let first = 0
  for (let n = 0; n < ASKS; n++) {
    const ask = intake.next(held, 0)
    expect(ask?.leftOut).toEqual(['closed'])
    expect(ask?.queues).toHaveLength(2)
    if (ask?.queues[0]?.name === 'urgent') first++
  }
  expect(Math.abs(first / ASKS - 0.9)).toBeLessThan(0.02)
})

/** A worker on two queues of which the first never empties; answers how many jobs of each were done. */
async function race(urgent: WorkerQueue, bulk: WorkerQueue): Promise<{ urgent: number; bulk: number }> {
  const random = vi.spyOn(Math, 'random').mockImplementation(createRandom(6))
  onTestFinished(() => random.mockRestore())
  const { clock, app, producer, start } = setUpWorker({ queues: [urgent, bulk], concurrency: 1 })
  const done = { urgent: 0, bulk: 0 }
  const bulkJob = defineJob({ name: 'bulk', queue: 'bulk' })
  const urgentJob = defineJob({ name: 'urgent', queue: 'urgent' })
  const pass = (): Promise<void> => new Promise((resolve) => clock.setTimeout(resolve, 300))
  app.on(bulkJob, async () => {
    await pass()
    done.bulk++
  })
  app.on(urgentJob, async (ctx) => {
    await pass()
    // Each brings the next before it ends.
    await ctx.enqueue(urgentJob, null, { now: true })
    done.urgent++
  })
  await producer.enqueueMany(bulkJob, Array(1_000).fill(null))
  await producer.enqueueMany(urgentJob, [null, null])
  const worker = start()
  await clock.advance(300 * 300)
  const counted = { ...done }
  await Promise.all([worker.stop({ grace: 0 }), clock.advance(60_000)])
  return counted
}

test('a queue of low weight goes on while the other never empties, as one without weights does not', async () => {
  expect(await race({ name: 'urgent' }, { name: 'bulk' })).toEqual({ urgent: 300, bulk: 0 })
  const { urgent, bulk } = await race({ name: 'urgent', weight: 9 }, { name: 'bulk', weight: 1 })
  expect(urgent + bulk).toBe(300)
  expect(bulk).toBeGreaterThan(15)
  expect(bulk).toBeLessThan(50)
})
