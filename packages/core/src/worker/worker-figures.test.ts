import { expect, test, vi } from 'vitest'
import { job, setUpWorker } from '../../test/set-up-worker.ts'
import { override } from '../testing/override.ts'

test('looks at its queues now and then, and tells what it saw in its health', async () => {
  const { clock, broker, producer, app, start } = setUpWorker({ statsEvery: '10s' })
  app.on(job, () => new Promise(() => {}))
  const worker = start()
  expect(worker.health().queueFigures).toBeUndefined()
  await producer.enqueueMany(job, [1, 2, 3, 4, 5])
  await clock.advance(10_000)
  const at = clock.now()
  expect(worker.health().queueFigures).toMatchObject({ at, queues: [{ queue: 'default', ready: 3, active: 2 }] })
  await clock.advance(9_999)
  expect(worker.health().queueFigures?.at).toBe(at)
  await Promise.all([worker.stop({ grace: 0, abortGrace: 0 }), clock.advance(20_000)])
  await broker[Symbol.asyncDispose]()
  expect(clock.pending).toBe(0)
})

test('a look that fails is told and followed by the next; without stats nobody looks', async () => {
  const { clock, broker, app, start } = setUpWorker()
  const errors: string[] = []
  app.hook('brokerError', ({ action }) => errors.push(action))
  const stats = vi.fn(() => Promise.reject(new Error('no')))
  const worker = start(override(broker, { stats }))
  await clock.advance(11_000)
  expect([stats.mock.calls.length, errors]).toEqual([2, ['stats', 'stats']])
  await worker.stop()
  const blind = start(override(broker, { stats, can: { ...broker.can, stats: false } }))
  await clock.advance(6_000)
  expect(stats).toHaveBeenCalledTimes(2)
  await blind.stop()
  expect(clock.pending).toBe(0)
})

test('says how many workers its queues want', async () => {
  const { clock, producer, app, start } = setUpWorker({ concurrency: 2 })
  app.on(job, () => new Promise<void>((resolve) => clock.setTimeout(resolve, 1_000)))
  const worker = start()
  expect(worker.desired()).toBe(1)
  await producer.enqueueMany(
    job,
    Array.from({ length: 1_000 }, (_, n) => n),
  )
  await clock.advance(6_000)
  // Two jobs a second: some 990 are left, in a minute at most.
  expect(worker.desired()).toBeGreaterThanOrEqual(8)
  expect(worker.desired({ max: 3 })).toBe(3)
  await Promise.all([worker.stop({ grace: 0, abortGrace: 0 }), clock.advance(20_000)])
  expect(clock.pending).toBe(0)
})

test('takes the memory of its process from whoever reads it', async () => {
  const reading = { total: 1, heapUsed: 1, external: 0, arrayBuffers: 0, rss: 2, limit: undefined, at: 3 }
  const leak = { name: 'job', jobs: 10, bytesPerJob: 5, low: 1, high: 9, suspect: false }
  const { start } = setUpWorker({ memory: { read: () => reading, leaks: () => [leak] } })
  const worker = start()
  expect(worker.health()).toMatchObject({ memory: reading, leaks: [leak] })
  await worker.stop()
})
