import { createApp, type HookEvents } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { createCountingClock, createFakeClock } from '@isobar/core/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { leak, work } from '../../test/fixtures/served-app.ts'
import { type ServeIsolatesOptions, type Server, serve } from './entry.ts'

const MODULE = new URL('../../test/fixtures/served-app.ts', import.meta.url)

async function served(options: Partial<ServeIsolatesOptions> = {}) {
  const broker = createMemoryBroker()
  const server = await serve(MODULE, { broker, signals: false, ...options })
  onTestFinished(async () => void (await server.stop()))
  return { broker, server, jobs: createProducer(broker) }
}

const health = (server: Server) => server.worker.health()

/** Looks again and again until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10))
}

test('reads the queues of the app, runs its jobs, and tells the dead to whoever listens here', async () => {
  const dead: HookEvents['dead'][] = []
  const { server, jobs, broker } = await served({ on: { dead: (event) => void dead.push(event) } })
  expect(health(server).queues).toEqual(['work', 'ticks'])
  await jobs.enqueueMany(work, [{}, { fails: true }, {}])
  await until(() => dead.length === 1)
  expect(dead).toMatchObject([{ reason: 'exhausted', error: { message: 'as it was told' }, job: { name: 'work' } }])
  await until(() => health(server).counts.done === 2)
  expect(await broker.deadLetters.list()).toMatchObject({ items: [{ reason: 'exhausted', attempts: 2 }] })
  const { executor, memory, id, uptimeMs, counts, duration, lastHeartbeatAt } = health(server)
  expect(executor.pool?.isolates[0]).toMatchObject({ slot: 0, state: 'active', jobs: 4, held: 0 })
  expect({ counts, memory }).toMatchObject({
    counts: { done: 2, retried: 1, dead: 1 },
    memory: { rss: expect.any(Number) },
  })
  expect([id.includes(String(process.pid)), uptimeMs > 0, duration.p99 > 0]).not.toContain(false)
  expect(lastHeartbeatAt).toBeGreaterThan(0)
})

test('schedules of the app are run here, with data that were checked there', async () => {
  const clock = createFakeClock({ now: Date.UTC(2026, 0, 1, 5, 59, 59) })
  const logs: HookEvents['log'][] = []
  const broker = createMemoryBroker({ clock })
  const server = await serve(MODULE, { broker, clock, signals: false, on: { log: (event) => void logs.push(event) } })
  await clock.advance(1_000)
  await until(() => logs.length > 0)
  expect(logs).toMatchObject([{ message: 'tick', fields: { day: 'today' }, job: { name: 'tick', queue: 'ticks' } }])
  const stopping = server.stop()
  // The server waits in fake time for isolates that end in real time.
  await until(() => {
    void clock.advance(10)
    return health(server).state === 'stopped'
  })
  await stopping
})

test('grows with the queue and shrinks when it is empty', async () => {
  const size = { min: 1, max: 2, high: 5, low: 1, upAfter: 0, downAfter: '1s' } as const
  const { server, jobs } = await served({ isolates: { size, memory: '200mb', concurrency: 2 } })
  await jobs.enqueueMany(
    work,
    Array.from({ length: 200 }, () => ({ ms: 40 })),
  )
  await until(() => health(server).executor.pool?.wanted === 2)
  expect(server.worker.desired()).toBeGreaterThanOrEqual(1)
  await until(() => health(server).executor.pool?.wanted === 1)
  expect(health(server).executor.pool?.recycles.scale).toBeGreaterThanOrEqual(1)
  expect(health(server).queueFigures?.queues[0]).toMatchObject({ queue: 'work', ready: 0 })
  await until(() => health(server).counts.done === 200)
}, 60_000)

test('an isolate is replaced for its memory, with figures, and no job knows of it', async () => {
  const recycles: HookEvents['recycle'][] = []
  const { server, jobs } = await served({
    isolates: { size: 1, memory: '256mb' },
    on: { recycle: (event) => void recycles.push(event) },
  })
  let sent = 0
  while (recycles.length < 2) {
    await jobs.enqueueMany(
      leak,
      Array.from({ length: 50 }, () => ({ bytes: 100_000 })),
    )
    sent += 50
    await until(() => health(server).counts.done === sent)
  }
  expect(recycles[0]).toMatchObject({
    cause: 'memory',
    slot: 0,
    why: { reason: 'memory', measure: 'total', limit: 256_000_000 },
  })
  expect(recycles[0]?.why?.slope).toBeGreaterThan(80_000)
  expect(health(server)).toMatchObject({
    counts: { retried: 0, dead: 0, released: 0, lost: 0 },
    executor: { pool: { recycles: { limit: 0, crash: 0 } } },
  })
})

test('server.recycle replaces all', async () => {
  const { server } = await served({ isolates: { size: 1 } })
  const [before] = health(server).executor.pool?.isolates ?? []
  server.recycle()
  await until(() => health(server).executor.pool?.recycles.asked === 1)
  expect(health(server).executor.pool?.isolates.find(({ slot }) => slot === 0)?.pid).not.toBe(before?.pid)
})

test.each([
  ['a module that is not there', 'ERR_MODULE_NOT_FOUND', new URL('./none.ts', import.meta.url), {}],
  ['an option that cannot be', 'OPTION', MODULE, { isolates: { size: 0 } }],
  ['a deadline that cannot be', 'OPTION', MODULE, { grace: 'soon' as never }],
])('%s: the start fails, and leaves nothing behind', async (_, code, module, options) => {
  const clock = createCountingClock()
  const broker = createMemoryBroker({ clock })
  const dispose = vi.spyOn(broker, Symbol.asyncDispose)
  await expect(serve(module, { broker, clock, ...options })).rejects.toMatchObject({ code })
  expect(dispose).toHaveBeenCalledTimes(1)
  expect([clock.pending, process.listenerCount('SIGTERM')]).toEqual([0, 0])
})

test('an app cannot be handed over for isolates: they load it themselves', async () => {
  const broker = createMemoryBroker()
  const options = { broker, isolates: {} } as never
  await expect(serve(createApp(), options)).rejects.toMatchObject({ code: 'OPTION' })
})
