import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createApp, defineJob, defineResource } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { createCountingClock, createFakeClock } from '@isobar/core/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { serve } from './entry.ts'

const SERVED = fileURLToPath(new URL('../../test/fixtures/served.ts', import.meta.url))

/** A worker in a process of its own, with its lines. */
function launch(...args: string[]) {
  const child: ChildProcess = spawn(process.execPath, [SERVED, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  const waiting = new Map<string, () => void>()
  const reader = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  reader.on('line', (line) => {
    lines.push(line)
    waiting.get(line)?.()
  })
  let errors = ''
  child.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  return {
    child,
    lines,
    errors: () => errors,
    said: (line: string) =>
      lines.includes(line) ? Promise.resolve() : new Promise<void>((resolve) => waiting.set(line, resolve)),
    async exit() {
      const [code, signal] = await once(child, 'close')
      return code ?? signal
    },
  }
}

test('SIGTERM lets the running job end, then exits with 0', async () => {
  const worker = launch('slow')
  await worker.said('started 1')
  worker.child.kill('SIGTERM')
  expect(await worker.exit()).toBe(0)
  expect(worker.lines.slice(-3)).toEqual(['drain 1', 'settled ack', 'stopped aborted=0 unsettled=0'])
})

test('SIGINT at the deadline aborts the job, hands it back and exits with 0', async () => {
  const worker = launch('stuck', '50ms')
  await worker.said('started 1')
  worker.child.kill('SIGINT')
  expect(await worker.exit()).toBe(0)
  expect(worker.lines.slice(-3)).toEqual(['drain 1', 'settled release', 'stopped aborted=1 unsettled=0'])
})

test('a second signal exits at once, with 128 + its number', async () => {
  const worker = launch('stuck', '10s')
  await worker.said('started 1')
  worker.child.kill('SIGINT')
  await worker.said('drain 1')
  worker.child.kill('SIGTERM')
  expect(await worker.exit()).toBe(143)
})

test('a worker whose slots are held by handlers that never end drains and exits with 1', async () => {
  const worker = launch('hang', '50ms')
  expect(await worker.exit()).toBe(1)
  expect(worker.errors()).toContain('handlers that ignored their timeouts')
  expect(worker.lines).toContain('settled retry')
})

test('an unhandled rejection of a handler is told and ends nothing', async () => {
  const worker = launch('reject')
  await worker.said('settled ack')
  worker.child.kill('SIGTERM')
  expect(await worker.exit()).toBe(0)
  expect(worker.errors()).toContain('nobody awaits me')
})

test('a resource that nobody provides fails at start, with plugin and resource named', async () => {
  const mailer = defineResource('mailer')
  const app = createApp().use({ name: 'email', needs: [mailer], setup() {} })
  await expect(serve(app, { broker: createMemoryBroker(), queues: ['q'], signals: false })).rejects.toMatchObject({
    code: 'MISSING_PROVIDER',
    message: expect.stringMatching(/mailer.*email/),
  })
})

test('at the deadline of a stop, handlers that ignore their signals are no reason to exit with 1', async () => {
  const worker = launch('deaf', '50ms')
  await worker.said('started 1')
  worker.child.kill('SIGTERM')
  expect(await worker.exit()).toBe(0)
  expect(worker.errors()).not.toContain('ignored their timeouts')
  expect(worker.lines.slice(-2)).toEqual(['settled release', 'stopped aborted=1 unsettled=0'])
})

test('with signals it listens on its process, and stopped it listens no more', async () => {
  const listeners = () => ['SIGTERM', 'SIGINT', 'unhandledRejection'].map((name) => process.listenerCount(name))
  const before = listeners()
  const server = await serve(createApp(), { broker: createMemoryBroker(), queues: ['q'] })
  expect(listeners()).toEqual(before.map((count) => count + 1))
  await server.stop()
  expect(listeners()).toEqual(before)
})

test('without a broker it says what is missing', async () => {
  await expect(serve(createApp(), {} as never)).rejects.toMatchObject({ code: 'OPTION' })
})

test('without signals, stop is the caller’s: it disposes resources and broker, and leaves no listener', async () => {
  const listeners = () => ['SIGTERM', 'SIGINT', 'unhandledRejection'].map((name) => process.listenerCount(name))
  const before = listeners()
  const db = defineResource<string>('db')
  const job = defineJob({ name: 'job' })
  const dispose = vi.fn()
  const ran = Promise.withResolvers<void>()
  const app = createApp()
    .provide(db, { lifetime: 'isolate', create: () => 'db', dispose })
    .on(job, async (ctx) => {
      await ctx.use(db)
      ran.resolve()
    })
  const broker = createMemoryBroker()
  const onStop = vi.fn()
  const server = await serve(app, { broker, signals: false, onStop })
  expect(server.worker.id).toMatch(new RegExp(`-${process.pid}-[0-9a-f]{8}$`))
  await createProducer(broker).enqueue(job)
  await ran.promise
  const report = { aborted: 0, unsettled: 0 }
  expect(await Promise.all([server.stop(), server.stop()])).toEqual([report, report])
  expect(dispose.mock.calls).toEqual([['db']])
  expect(onStop.mock.calls).toEqual([[report]])
  await expect(createProducer(broker).enqueue(job)).rejects.toMatchObject({ code: expect.any(String) })
  expect(listeners()).toEqual(before)
})

test('two workers with one schedule enqueue one job a tick', async () => {
  const clock = createFakeClock({ now: Date.UTC(2026, 0, 1, 5, 59, 30) })
  const report = defineJob<{ day: string }>({ name: 'report' })
  const ran = vi.fn()
  const app = () =>
    createApp({ clock })
      .on(report, (ctx) => void ran(ctx.data))
      .schedule(report, '0 * * * *', { data: { day: 'today' } })
  const broker = createMemoryBroker({ clock })
  const servers = [
    await serve(app(), { broker, clock, signals: false }),
    await serve(app(), { broker, clock, signals: false }),
  ]
  await clock.advance(29_999)
  expect(ran).not.toHaveBeenCalled()
  await clock.advance(3_600_002)
  expect(ran.mock.calls).toEqual([[{ day: 'today' }], [{ day: 'today' }]])
  for (const server of servers) await server.stop()
  expect(clock.pending).toBe(0)
})

test('a schedule that cannot be read fails at start and names it', async () => {
  const report = defineJob({ name: 'report' })
  const app = createApp()
    .on(report, () => {})
    .schedule(report, 'every now and then')
  await expect(serve(app, { broker: createMemoryBroker(), signals: false })).rejects.toMatchObject({
    code: 'OPTION',
    message: expect.stringContaining('report'),
  })
})

describe('a start that fails leaves nothing behind', () => {
  const report = defineJob({ name: 'report' })
  const mailer = defineResource('mailer')
  const work = () => createApp().on(report, () => {})

  test.each([
    ['no provider', 'MISSING_PROVIDER', () => work().use({ name: 'email', needs: [mailer], setup() {} }), {}],
    ['no concurrency', 'OPTION', work, { concurrency: 0 }],
    ['no queue', 'OPTION', work, { queues: [] }],
    ['no deadline', 'OPTION', work, { grace: 'soon' as never }],
    [
      'one schedule of two',
      'OPTION',
      () => work().schedule(report, '0 * * * *', { name: 'a' }).schedule(report, 'now and then', { name: 'b' }),
      {},
    ],
  ])('%s', async (_, code, app, options) => {
    const clock = createCountingClock()
    const broker = createMemoryBroker()
    const dispose = vi.spyOn(broker, Symbol.asyncDispose)
    await expect(serve(app(), { broker, clock, ...options })).rejects.toMatchObject({ code })
    expect(dispose).toHaveBeenCalledTimes(1)
    expect([clock.pending, process.listenerCount('SIGTERM')]).toEqual([0, 0])
  })
})

describe('a stop ends, whatever fails in it', () => {
  const job = defineJob({ name: 'job' })
  const db = defineResource<string>('db')

  /** A server that has used a resource whose end is up to the test. */
  async function served(dispose: () => unknown) {
    const clock = createFakeClock()
    const app = createApp({ clock })
      .provide(db, { lifetime: 'isolate', create: () => 'db', dispose })
      .on(job, async (ctx) => void (await ctx.use(db)))
    const broker = createMemoryBroker({ clock })
    const server = await serve(app, { broker, clock, signals: false })
    await createProducer(broker).enqueue(job)
    await clock.advance(1)
    expect(server.worker.health().counts.done).toBe(1)
    return { clock, broker, server }
  }

  test('a resource that does not end: the broker is disposed all the same', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { clock, broker, server } = await served(() => new Promise(() => {}))
    const dispose = vi.spyOn(broker, Symbol.asyncDispose)
    const stopping = server.stop().catch((reason: unknown) => reason)
    await clock.advance(60_000)
    expect(await stopping).toMatchObject({ code: 'STOP_TIMEOUT', message: expect.stringContaining('resources') })
    expect(dispose).toHaveBeenCalledTimes(1)
    expect(error).toHaveBeenCalledTimes(1)
    expect(clock.pending).toBe(0)
    error.mockRestore()
  })

  test('a broker that fails to end is told of once, and rejects nothing that nobody awaits', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const clock = createFakeClock()
    const broker = createMemoryBroker({ clock })
    const hang = defineJob({ name: 'hang', timeout: '1s' })
    const app = createApp({ clock, grace: '1s' }).on(hang, () => new Promise(() => {}))
    vi.spyOn(broker, Symbol.asyncDispose).mockRejectedValue(new Error('no'))
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const server = await serve(app, { broker, clock, concurrency: 1, signals: false, grace: '30d' })
    await createProducer(broker).enqueue(hang)
    await clock.advance(60_000)
    expect(server.worker.state).toBe('stopped')
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
    await expect(server.stop()).rejects.toThrow('no')
    error.mockRestore()
  })
})
