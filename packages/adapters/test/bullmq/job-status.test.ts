import { randomBytes } from 'node:crypto'
import { createApp, defineJob, fixed, type HookEvents, Release, Unrecoverable } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { createWorker, inProcess } from '@isobar/core/worker'
import { Redis } from 'ioredis'
import { afterAll, afterEach, expect, test } from 'vitest'
import { serviceUrl } from '../../../../scripts/services/service-url.ts'
import { jobStatus, readJobStatus } from '../../src/bullmq/job-status.ts'
import type { JobWatchError } from '../../src/bullmq/outbox.ts'
import type { TrackedJob } from '../../src/bullmq/status-fields.ts'
import { serve } from '../../src/node/index.ts'
import { act } from '../isolates/acts.ts'
import { removeKeys, startDurableRedis } from './redis.ts'

const url = await serviceUrl('redis')
const prefix = `isobar_test_${randomBytes(6).toString('hex')}:job:`
const redis = new Redis(url)
const stack = new AsyncDisposableStack()

afterEach(() => removeKeys(url, prefix))
afterAll(async () => {
  await stack.disposeAsync()
  await redis.quit()
})

const work = defineJob<string>({ name: 'work', queue: 'q', retry: { attempts: 2, backoff: fixed(0) } })

const started = (id: string, attempt = 1): HookEvents['start'] => ({ job: stored(id, attempt), startedAt: 1_000 })
const stored = (id: string, attempt = 1): HookEvents['start']['job'] => ({
  id,
  name: 'work',
  queue: 'q',
  priority: 'normal',
  attempt,
  crashes: 0,
  enqueuedAt: 0,
  dueAt: 0,
  payload: { text: '"secret"' },
})

test('a worker tells of each of its jobs, from its start to its end', async () => {
  await using status = jobStatus({ connection: url, prefix, worker: 'w1', every: 1 })
  const gate = Promise.withResolvers<void>()
  const app = createApp()
    .use(status)
    .on(work, async (ctx) => {
      if (ctx.data === 'held') await gate.promise
      if (ctx.data === 'bad') throw new Unrecoverable('no such user')
      if (ctx.data === 'once' && ctx.attempt === 1) throw new Error('not yet')
    })
  await using broker = createMemoryBroker()
  await using executor = inProcess(app, { concurrency: 10 })
  await using worker = createWorker(broker, executor, { queues: ['q'] })
  worker.start()
  const producer = createProducer(broker)
  const sent = await producer.enqueueMany(work, ['held', 'bad', 'once', 'good'])
  const [held = '', bad = '', once = '', good = ''] = sent.map(({ id }) => id)
  const running = await seen(status, held, ({ status }) => status === 'running')
  expect(running).toEqual({
    id: held,
    status: 'running',
    name: 'work',
    queue: 'q',
    attempt: 1,
    worker: 'w1',
    startedAt: expect.any(Number),
  })
  expect(Math.abs(Date.now() - running.startedAt)).toBeLessThan(60_000)
  expect(await seen(status, bad, ({ status }) => status === 'dead')).toMatchObject({
    attempt: 1,
    error: 'Unrecoverable: no such user',
    reason: 'unrecoverable',
    endedAt: expect.any(Number),
    durationMs: expect.any(Number),
  })
  const second = await seen(status, once, ({ status, attempt }) => status === 'done' && attempt === 2)
  expect(second.error).toBeUndefined()
  await seen(status, good, ({ status }) => status === 'done')
  gate.resolve()
  const done = await seen(status, held, ({ status }) => status === 'done')
  expect(done.endedAt).toBeGreaterThanOrEqual(done.startedAt)
  expect(await readJobStatus(redis, held, { prefix })).toEqual(done)
  expect(await redis.hgetall(prefix + held)).not.toHaveProperty('payload')
})

test('a supervisor tells of the jobs in its isolates, those of one that was killed too', async () => {
  const status = stack.use(jobStatus({ connection: url, prefix, worker: 'w2', every: 1 }))
  const broker = createMemoryBroker()
  const producer = createProducer(broker)
  await using server = await serve(new URL('../fixtures/acting-app.ts', import.meta.url), {
    broker,
    isolates: { size: 1, concurrency: 2 },
    signals: false,
    id: 'w2',
    grace: 1,
    on: status.on,
  })
  const { id } = await producer.enqueue(act, { name: 'a', until: 'wait' })
  const first = await seen(status, id, ({ status }) => status === 'running')
  expect(first).toMatchObject({ worker: 'w2', attempt: 1, name: 'act' })
  const [isolate] = server.worker.health().executor.pool?.isolates ?? []
  process.kill(isolate?.pid ?? 0, 'SIGKILL')
  await seen(status, id, ({ status, startedAt }) => status === 'running' && startedAt > first.startedAt)
})

test('what each state has, and what it has no more', async () => {
  await using status = jobStatus({ connection: redis, prefix, worker: 'w', every: 1 })
  const job = stored('1')
  const ends = { job, startedAt: 1_000, durationMs: 12.4 }
  const endsAs = async (outcome: HookEvents['settle']['outcome']): Promise<TrackedJob | undefined> => {
    const { written } = status.stats()
    status.on.settle({ ...ends, outcome })
    while (status.stats().written === written) await tick()
    return await status.read('1')
  }
  const common = { id: '1', name: 'work', queue: 'q', attempt: 1, worker: 'w', startedAt: 1_000 }
  const ended = { ...common, endedAt: expect.any(Number), durationMs: 12 }
  const dead = await endsAs({ kind: 'dead', error: new TypeError('x'.repeat(1_000)), reason: 'exhausted' })
  expect(dead).toEqual({ ...ended, status: 'dead', error: `TypeError: ${'x'.repeat(489)}`, reason: 'exhausted' })
  const retrying = await endsAs({ kind: 'retry', error: 'a string', delayMs: 5 })
  expect(retrying).toEqual({ ...ended, status: 'retrying', error: 'a string' })
  expect(await endsAs({ kind: 'release' })).toEqual({ ...ended, status: 'queued' })
  const released = await endsAs({ kind: 'release', error: new Release(5, 'later') })
  expect(released).toEqual({ ...ended, status: 'queued', error: 'Release: later' })
  expect(await endsAs({ kind: 'ack', result: 1 })).toEqual({ ...ended, status: 'done' })
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const unreadable = await endsAs({ kind: 'retry', error: proxy, delayMs: 5 })
  expect(unreadable).toMatchObject({ error: 'an error that could not be read' })
  status.on.start(started('1', 2))
  const again = await seen(status, '1', ({ status }) => status === 'running')
  expect(again).toEqual({ ...common, status: 'running', attempt: 2 })
})

test('a hash ends by itself', async () => {
  await using status = jobStatus({ connection: url, prefix, every: 1, ttl: '10m' })
  status.on.start(started('1'))
  await seen(status, '1', () => true)
  const ttl = await redis.pttl(`${prefix}1`)
  expect(ttl).toBeGreaterThan(300_000)
  expect(ttl).toBeLessThanOrEqual(600_000)
  expect(await status.read('2')).toBeUndefined()
})

test('of each job the latest state is written, many together', async () => {
  const status = jobStatus({ connection: url, prefix })
  for (let n = 0; n < 500; n++) {
    status.on.start(started(String(n)))
    status.on.settle({ job: stored(String(n)), outcome: { kind: 'ack' }, startedAt: 1_000, durationMs: 1 })
  }
  await status.dispose()
  await status.dispose()
  expect(status.stats()).toEqual({ written: 500, dropped: 0 })
  expect(await readJobStatus(redis, '499', { prefix })).toMatchObject({ status: 'done' })
  status.on.start(started('late'))
  expect(status.stats()).toEqual({ written: 500, dropped: 1 })
})

test('Redis is away and comes back: it is told once, what was dropped is counted, no job hears of it', async () => {
  await using own = await startDurableRedis({ fsync: 'everysec' })
  const errors: JobWatchError[] = []
  await using status = jobStatus({ connection: own.url, every: 1, onError: (error) => errors.push(error) })
  const note = async (id: string): Promise<void> => {
    const { written, dropped } = status.stats()
    status.on.start(started(id))
    while (status.stats().written + status.stats().dropped === written + dropped) await tick()
  }
  await note('1')
  expect(status.stats()).toEqual({ written: 1, dropped: 0 })
  await own.stop('crash')
  await note('2')
  await note('3')
  expect(status.stats()).toEqual({ written: 1, dropped: 2 })
  expect(errors).toMatchObject([{ code: 'JOB_WATCH', cause: expect.any(Error) }])
  expect(errors[0]?.message).toMatch(/^the status of 1 jobs was not written: .+; jobs go on, further ones are counted$/)
  await own.start()
  while (status.stats().written === 1) await note('4')
  expect(await status.read('4')).toMatchObject({ status: 'running' })
  expect(errors).toHaveLength(1)
  // Another outage is told anew.
  await own.command('config', 'set', 'maxmemory', '1')
  await note('5')
  expect(errors[1]?.message).toContain('OOM')
  expect(errors[1]?.message ?? '').not.toContain('secret')
})

test('a Redis that never answered holds up neither jobs nor the end', async () => {
  const errors: JobWatchError[] = []
  const status = jobStatus({ connection: 'redis://127.0.0.1:1', onError: (error) => errors.push(error) })
  for (let n = 0; n < 10_500; n++) status.on.start(started(String(n)))
  expect(status.stats()).toEqual({ written: 0, dropped: 500 })
  await status.dispose()
  expect(status.stats()).toEqual({ written: 0, dropped: 10_500 })
  expect(errors.map(({ message }) => message)).toEqual([
    'the status of 1 jobs was not written: more than 10000 jobs wait for Redis; jobs go on, further ones are counted',
  ])
})

test('refuses what cannot be', () => {
  expect(() => jobStatus({ connection: '' })).toThrow(expect.objectContaining({ code: 'OPTION' }))
  for (const ttl of [0, '8d'] as const)
    expect(() => jobStatus({ connection: url, ttl })).toThrow('must be more than 0 and at most a week')
})

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1))
}

async function seen(
  status: { read(id: string): Promise<TrackedJob | undefined> },
  id: string,
  fits: (job: TrackedJob) => boolean,
): Promise<TrackedJob> {
  for (;;) {
    const job = await status.read(id)
    if (job && fits(job)) return job
    await tick()
  }
}
