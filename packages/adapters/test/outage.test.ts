import { setTimeout } from 'node:timers/promises'
import { createProducer } from '@isobar/core/producer'
import { expect, test, vi } from 'vitest'
import { startServer } from '../../../scripts/services/postgres-server.ts'
import { postgres } from '../src/postgres/index.ts'
import { held } from './held-jobs.ts'
import { openNetwork } from './network.ts'
import { launchWorker, type WorkerProcess } from './worker-process.ts'

// Servers are made, and workers back off.
vi.setConfig({ testTimeout: 60_000 })

/** How long the server is away, in ms. */
const OUTAGE_MS = 3_000

/** How long a statement may take on a server that does not answer, in ms. */
const PATIENCE_MS = 1_000

/** A worker in the middle of a job, on a server of its own that it reaches by a network of its own, and a producer. */
async function setUp({ leaseMs = 30_000 } = {}) {
  await using cleanup = new AsyncDisposableStack()
  const server = cleanup.use(await startServer())
  const network = cleanup.use(await openNetwork(server.url))
  const broker = cleanup.use(postgres(network.url, { retain: '1h', statementTimeout: PATIENCE_MS }))
  await broker.ready()
  const producer = createProducer(broker)
  const args = [network.url, 'worker', String(leaseMs), String(PATIENCE_MS)]
  const worker = cleanup.use(launchWorker('held-worker.ts', args))
  const { id } = await producer.enqueue(held, 'first')
  await worker.said('started first')
  const started = cleanup.move()
  return { server, network, producer, worker, id, [Symbol.asyncDispose]: () => started.disposeAsync() }
}

/** That the worker goes on as if nothing had been: the first job is done, the next runs, and it stops as it should. */
async function expectRecovered({ producer, worker, id }: Awaited<ReturnType<typeof setUp>>): Promise<void> {
  await worker.said('followed first')
  expect(await producer.get(id)).toMatchObject({ state: 'done', attempt: 1, crashes: 0, result: { from: 'worker' } })
  await producer.enqueue(held, 'second')
  expect(await worker.said('started second')).toBe('started second attempt 1')
  worker.kill('SIGTERM')
  expect(await worker.exit).toBe(0)
  const first = worker.lines.filter((line) => line.includes('first'))
  expect(first).toEqual(['started first attempt 1', 'finished first', 'followed first worker'])
  expectToldOf(worker)
}

/** What it says is for whoever looks after it: that something fails, and that not too often. */
function expectToldOf({ errors }: WorkerProcess): void {
  const told = errors.split('\n').filter((line) => line.startsWith('isobar:'))
  expect(told).toContainEqual(expect.stringMatching(/failed|is gone/))
  expect(told.length).toBeLessThan(10)
}

test.concurrent.each(['fast', 'immediate'] as const)('the server is stopped (%s) and comes back', async (mode) => {
  await using all = await setUp()
  const { server, producer, worker } = all
  await server.stop(mode)
  worker.tell('finish')
  await worker.said('finished first')
  await expect(producer.enqueue(held, 'lost')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  await setTimeout(OUTAGE_MS)
  await expect(producer.enqueue(held, 'lost')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  await server.start()
  await expectRecovered(all)
})

test.concurrent('nothing passes to the server and back for a while', async () => {
  await using all = await setUp()
  const { network, producer, worker } = all
  network.silence()
  worker.tell('finish')
  await worker.said('finished first')
  const started = performance.now()
  await expect(producer.enqueue(held, 'lost')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  expect(performance.now() - started).toBeLessThan(PATIENCE_MS * 3)
  await setTimeout(OUTAGE_MS)
  network.resume()
  await expectRecovered(all)
})

test.concurrent('a worker that is started while the server is away says so and ends', async () => {
  await using server = await startServer()
  await server.stop('fast')
  await using worker = launchWorker('held-worker.ts', [server.url, 'worker'])
  expect(await worker.exit).toBe(1)
  expect(worker.errors).toContain("code: 'DATABASE_UNAVAILABLE'")
})

test.concurrent('a worker is stopped while nothing passes: it ends, and its job comes back with its lease', async () => {
  await using all = await setUp({ leaseMs: 3_000 })
  const { network, worker, producer, id } = all
  network.silence()
  worker.tell('finish')
  await worker.said('finished first')
  worker.kill('SIGTERM')
  // 1 when a connection that does not answer could not be closed in time, which it then tells.
  expect(await worker.exit).toBeOneOf([0, 1])
  expect(worker.lines).not.toContainEqual(expect.stringContaining('done=1'))
  network.resume()
  await using next = launchWorker('held-worker.ts', [network.url, 'next'])
  expect(await next.said('started first')).toBe('started first attempt 1')
  next.tell('finish')
  await next.said('followed first')
  const status = await producer.get(id)
  expect(status).toMatchObject({ state: 'done', attempt: 1, result: { from: 'next' } })
  // Two when the server carries out a claim that the first worker had sent and given up.
  expect(status?.crashes).toBeOneOf([1, 2])
})
