import { createProducer } from '@isobar/core/producer'
import { expect, test } from 'vitest'
import { createEngineFolder } from '../../../test/folder.ts'
import { createRedis, type TestRedis } from '../../../test/redis.ts'
import { DemoRunError } from '../../errors.ts'
import { aggregateDay, incomingEmail } from '../../jobs.ts'
import { createTrace } from '../../trace.ts'
import { startDemo } from '../demo.ts'
import { openEngine } from '../engine.ts'
import type { OwnPlace, Place } from '../place.ts'
import { type Platform, servePlatform } from '../platform.ts'

/** Starts of some seconds; several times that on a machine that is busy. */
const TIMEOUT_MS = 120_000

const placeOf = ({ url, prefix }: TestRedis, records: OwnPlace = { kind: 'memory' }): Place => ({
  ...{ kind: 'redis', url, prefix, records },
})

test(
  'every job of a trace comes to the end that is meant for it, on BullMQ',
  async () => {
    await using redis = await createRedis()
    const options = { place: placeOf(redis), jobs: 500, concurrency: 8, seed: 3, fresh: false } as const
    const trace = createTrace(options)
    const demo = await startDemo(options, { signals: false })
    try {
      await demo.finished
    } finally {
      await demo.stop()
    }
    const status = demo.status()
    expect(status.ledger).toEqual(trace.expected)
    expect(status).toMatchObject({ ended: trace.jobs + trace.followUps, goesOn: false, crashed: { jobs: 0 } })
    const keys = await redis.keys()
    expect(keys).toContain(`${redis.prefix}:email.processing.high:meta`)
    expect(keys).not.toContain(`${redis.prefix}-lock`)
    // Dead letters are where tools of BullMQ look for them, and none is anywhere else.
    expect(keys.filter((key) => key.endsWith(':failed')).length).toBeGreaterThan(3)
  },
  TIMEOUT_MS,
)

test(
  'the platform is served on BullMQ, and goes on at the next start with its tables on the embedded engine',
  async () => {
    await using redis = await createRedis()
    await using folder = await createEngineFolder()
    const place = placeOf(redis, { kind: 'embedded', folder: folder.path })
    const serve = async (check: (platform: Platform) => Promise<void>): Promise<number> => {
      const platform = await servePlatform(
        { place, jobs: undefined, concurrency: 8, fresh: false, leak: false, serve: { port: 0, rate: 40 } },
        { signals: false },
      )
      try {
        await check(platform)
      } finally {
        await platform.stop()
      }
      return platform.fed
    }
    const doneOf = ({ server }: Platform) => server.worker.health().counts.done
    const fed = await serve(async (platform) => {
      await expect.poll(() => doneOf(platform), { timeout: 30_000 }).toBeGreaterThan(60)
      // What the dashboard asks has the platform's names.
      const stats = async () => (await (await fetch(`${platform.url}/api/queues`)).json()) as unknown
      await expect.poll(stats, { timeout: 10_000 }).toMatchObject({
        queues: expect.arrayContaining([expect.objectContaining({ queue: 'email:processing:high' })]),
      })
      const letters = async () => (await (await fetch(`${platform.url}/api/dead-letters`)).json()) as unknown
      await expect.poll(letters, { timeout: 20_000 }).toMatchObject({
        items: expect.arrayContaining([expect.objectContaining({ queue: expect.stringMatching(/^\w+[:-]\w+/) })]),
      })
    })
    const fedAgain = await serve(async (platform) => {
      expect(platform.fed).toBeGreaterThanOrEqual(fed)
      await expect.poll(() => doneOf(platform), { timeout: 30_000 }).toBeGreaterThan(20)
    })
    expect(fedAgain).toBeGreaterThan(fed)
  },
  TIMEOUT_MS,
)

test(
  'a second demo with the same prefix is refused',
  async () => {
    await using redis = await createRedis()
    const first = await openEngine(placeOf(redis))
    try {
      const second = openEngine(placeOf(redis))
      await expect(second).rejects.toThrow(DemoRunError)
      await expect(second).rejects.toThrow(/another demo works on this Redis/)
    } finally {
      await first.close()
    }
    const third = await openEngine(placeOf(redis))
    await third.close()
    await third.close()
    expect((await redis.keys()).filter((key) => key.endsWith('-lock'))).toEqual([])
  },
  TIMEOUT_MS,
)

test(
  'a Redis that is not there is told in one line',
  async () => {
    const place: Place = {
      kind: 'redis',
      url: 'redis://127.0.0.1:9',
      prefix: 'isobar-demo-test',
      records: { kind: 'memory' },
    }
    await expect(openEngine(place)).rejects.toThrow(/redis/i)
  },
  TIMEOUT_MS,
)

test('queues have the platform’s names for whoever asks, and names without colons in Redis', async () => {
  await using redis = await createRedis()
  const engine = await openEngine(placeOf(redis))
  try {
    const { broker } = engine
    const queue = 'email:processing:low'
    const producer = createProducer(broker)
    const day = { tenant: 'acme', day: '2031-03-01' }
    const { id } = await producer.enqueue(aggregateDay, day, { queue })
    expect(await broker.get(id)).toMatchObject({ queue, state: 'queued' })
    expect(await broker.stats([queue])).toMatchObject([{ queue, ready: 1, paused: false }])
    await broker.pause(queue)
    expect(await broker.stats([queue])).toMatchObject([{ queue, paused: true }])
    await broker.resume(queue)

    const want = { max: 1, workerId: 'w', waitMs: 5_000, signal: new AbortController().signal }
    const receive = (name: string, leaseMs: number) => broker.receive({ ...want, queues: [{ name, max: 1 }], leaseMs })
    const [delivery] = await receive(queue, 60_000)
    if (!delivery) throw new Error('there is no job')
    expect(delivery.job).toMatchObject({ id, queue })
    await broker.progress(delivery, 1)
    expect(await broker.extend([delivery], 60_000)).toEqual([])
    const next = {
      name: incomingEmail.name,
      queue: 'email:processing',
      priority: 'normal',
      text: '{}',
      delayMs: 0,
    } as const
    expect(await broker.settle([{ delivery, endedAt: Date.now(), outcome: { kind: 'ack', enqueue: [next] } }])).toEqual(
      [],
    )
    // It is somebody else's meanwhile, and the one that was given out is told.
    expect(await broker.extend([delivery], 60_000)).toEqual([{ delivery, reason: 'lease' }])
    const late = [{ delivery, endedAt: Date.now(), outcome: { kind: 'ack' } as const }]
    expect(await broker.settle(late)).toEqual([{ delivery, reason: 'lease' }])

    const [followUp] = await receive('email:processing', 60_000)
    if (!followUp) throw new Error('there is no follow-up')
    const dead = { kind: 'dead', reason: 'invalid', error: new Error('e') } as const
    await broker.settle([{ delivery: followUp, endedAt: Date.now(), outcome: dead }])
    const selection = { queue: 'email:processing' }
    expect((await broker.deadLetters.list(selection)).items).toMatchObject([selection])
    expect((await broker.deadLetters.list()).items).toMatchObject([selection])
    expect(await broker.deadLetters.redrive(selection)).toBe(1)
    expect(await broker.cancel(followUp.job.id)).toBe(true)
    expect(await broker.deadLetters.discard(selection)).toBe(0)
    expect((await redis.keys()).filter((key) => /processing:/.test(key) && !/email\.processing/.test(key))).toEqual([])
  } finally {
    await engine.close()
  }
})
