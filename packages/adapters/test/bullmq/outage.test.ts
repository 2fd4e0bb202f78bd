import { createApp } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { expect, test, vi } from 'vitest'
import { bullmq } from '../../src/bullmq/index.ts'
import { serve } from '../../src/node/index.ts'
import { openBreakingWay } from './breaking.ts'
import { type Outage, openOutage, quick, until } from './outages.ts'
import { type DurableRedis, startDurableRedis } from './redis.ts'

vi.setConfig({ testTimeout: 30_000 })

/** The worker goes on as if nothing had been: the job that ran is done, once, and the next one runs. */
async function expectRecovered({ producer, starts, id, errors }: Outage): Promise<void> {
  await until(async () => (await producer.get(id).catch(() => undefined))?.state === 'done')
  expect(await producer.get(id)).toMatchObject({ state: 'done', attempt: 1, crashes: 0, result: { of: 0 } })
  const next = await producer.enqueue(quick, 1)
  await until(async () => (await producer.get(next.id))?.state === 'done')
  expect(starts.get(id)).toBe(1)
  expect(starts.get(next.id)).toBe(1)
  expect(errors.length).toBeGreaterThan(0)
  // It waits longer from try to try: this is seconds, and not a storm.
  expect(errors.length).toBeLessThan(60)
}

const codesOf = ({ errors }: Outage): ReadonlySet<unknown> =>
  new Set(errors.map(({ error }) => (error as { code?: unknown }).code))

test.concurrent.each(['crash', 'stop'] as const)(
  'the server is away (%s) and comes back with its data',
  async (mode) => {
    await using all = await openOutage()
    const { redis, producer, finish } = all
    const kept = await producer.enqueueMany(quick, [1, 2, 3], { delay: '1h' })
    await redis.stop(mode)
    finish()
    await expect(producer.enqueue(quick, 0)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' })
    await until(() => all.errors.length >= 2)
    await redis.start()
    await expectRecovered(all)
    expect([...codesOf(all)]).toEqual(['REDIS_UNAVAILABLE'])
    for (const { id } of kept) expect(await producer.get(id)).toMatchObject({ state: 'queued' })
  },
)

test.concurrent('the memory is full (noeviction) and there is room again', async () => {
  await using all = await openOutage()
  const { redis, producer, finish } = all
  await redis.command('config', 'set', 'maxmemory', '1')
  await expect(producer.enqueue(quick, 0)).rejects.toMatchObject({ code: 'REDIS_FULL' })
  finish()
  await until(() => all.errors.length >= 2)
  await redis.command('config', 'set', 'maxmemory', '0')
  await expectRecovered(all)
  expect([...codesOf(all)]).toEqual(['REDIS_FULL'])
})

test.concurrent('the server becomes a replica, as in a failover, and a primary again', async () => {
  await using all = await openOutage()
  const { redis, producer, finish } = all
  // Of a primary that nobody hears of: its data stays.
  await redis.command('replicaof', '127.0.0.1', '1')
  await expect(producer.enqueue(quick, 0)).rejects.toMatchObject({ code: 'REDIS_READONLY' })
  finish()
  await until(() => all.errors.length >= 2)
  await redis.command('replicaof', 'no', 'one')
  await expectRecovered(all)
})

test.concurrent('the server does not answer for a while', async () => {
  await using all = await openOutage()
  const { redis, producer, finish, starts, id } = all
  const asleep = redis.command('debug', 'sleep', '1.5')
  finish()
  const sent = producer.enqueue(quick, 0)
  await asleep
  await until(async () => (await producer.get(id))?.state === 'done')
  const { id: next } = await sent
  await until(async () => (await producer.get(next))?.state === 'done')
  expect([starts.get(id), starts.get(next)]).toEqual([1, 1])
})

test.concurrent('a worker that is started while the server is away says so', async () => {
  await using redis = await startDurableRedis()
  await redis.stop('stop')
  const started = serve(
    createApp().on(quick, () => {}),
    { broker: bullmq(redis.url), signals: false },
  )
  await expect(started).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' })
})

test.concurrent('a connection that breaks while a command is under way fails it at once, and comes back', async () => {
  await using redis = await startDurableRedis()
  await using way = await openBreakingWay(redis.url)
  await using broker = bullmq(way.url)
  const producer = createProducer(broker)
  await producer.enqueue(quick, 0)
  way.holdAnswers()
  const sent = producer.enqueue(quick, 1)
  // Redis has done it, and its answer is lost: whoever enqueues has to be told that it is not known.
  await until(async () => (await countOf(redis)) === 2)
  const broken = performance.now()
  way.break()
  await expect(sent).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' })
  expect(performance.now() - broken).toBeLessThan(3_000)
  await producer.enqueue(quick, 2)
  expect(await countOf(redis)).toBe(3)
})

/** Jobs that wait in the queue `quick`. */
async function countOf(redis: DurableRedis): Promise<number> {
  return Number(await redis.command('zcard', 'bull:quick:prioritized'))
}
