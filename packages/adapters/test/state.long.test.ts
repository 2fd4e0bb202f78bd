import { setTimeout } from 'node:timers/promises'
import { createApp, type Delivery, defineJob } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { createWorker, inProcess } from '@isobar/core/worker'
import { expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'
import { type PostgresBroker, postgres } from '../src/postgres/index.ts'
import { createDatabase } from './database.ts'

const QUEUES = Array.from({ length: 12 }, (_, n) => `queue-${n}`)
const DELAYED = 100_000
const READY = 100_000
const EXPIRED = 10_000
const DEAD = 10_000

/** Of the leases that expire, in ms. */
const LEASE_MS = 5_000

/**
 * How much slower the worker may be in a full table than in one that holds nothing but what it does. Both are about the
 * same on a quiet machine; reading over what is not due would be slower by more than ten times.
 */
const LIMIT_SLOWDOWN = 3

const types = QUEUES.map((queue) => defineJob<number>({ name: queue, queue }))

/** Enqueues numbers from `from` up, spread over the queues. */
async function fill(broker: PostgresBroker, from: number, count: number, delay: number): Promise<void> {
  for (const [at, type] of types.entries()) {
    const own = Array.from({ length: count }, (_, n) => from + n).filter((n) => n % types.length === at)
    await createProducer(broker).enqueueMany(type, own, { delay })
  }
}

/** Takes this many jobs, whatever their queues, as a worker does. */
async function take(broker: PostgresBroker, count: number, leaseMs: number): Promise<Delivery[]> {
  const taken: Delivery[] = []
  while (taken.length < count) {
    const max = count - taken.length
    const deliveries = await broker.receive({
      queues: QUEUES.map((name) => ({ name, max })),
      max,
      leaseMs,
      workerId: 'gone',
      waitMs: 0,
      signal: new AbortController().signal,
    })
    if (deliveries.length === 0) throw new Error(`${max} jobs are missing`)
    taken.push(...deliveries)
  }
  return taken
}

/** Runs what is due, and answers how often each number ran and how many jobs a second that was. */
async function drain(broker: PostgresBroker, jobs: number) {
  const ran = new Map<number, number>()
  const all = Promise.withResolvers<void>()
  const app = createApp()
  for (const type of types)
    app.on(type, (ctx) => {
      ran.set(ctx.data, (ran.get(ctx.data) ?? 0) + 1)
      if (ran.size === jobs) all.resolve()
    })
  await using worker = createWorker(broker, inProcess(app), { queues: QUEUES })
  const started = performance.now()
  worker.start()
  await all.promise
  const perSecond = jobs / ((performance.now() - started) / 1_000)
  await worker.stop()
  return { ran, perSecond }
}

test('a table full of what is delayed, dead and expired does not hold up what is ready', async () => {
  const due = READY + EXPIRED
  await using emptyDatabase = await createDatabase()
  await using alone = postgres(emptyDatabase.url)
  await fill(alone, 0, due, 0)
  const reference = await drain(alone, due)

  await using database = await createDatabase()
  await using broker = postgres(database.url)
  await fill(broker, 0, DEAD, 0)
  const dying = await take(broker, DEAD, 60_000)
  const endedAt = Date.now()
  await broker.settle(
    dying.map((delivery) => ({
      delivery,
      endedAt,
      outcome: { kind: 'dead', reason: 'exhausted', error: new Error('no') },
    })),
  )
  await fill(broker, 0, EXPIRED, 0)
  const expiring = await take(broker, EXPIRED, LEASE_MS)
  await fill(broker, due, DELAYED, 3_600_000)
  await fill(broker, EXPIRED, READY, 0)

  await setTimeout(Math.max(0, ...expiring.map(({ leaseUntil }) => leaseUntil + 100 - Date.now())))

  const sum = async (what: 'ready' | 'delayed' | 'active' | 'dead'): Promise<number> =>
    (await broker.stats(QUEUES)).reduce((total, stats) => total + stats[what], 0)
  expect([await sum('ready'), await sum('delayed'), await sum('dead')]).toEqual([due, DELAYED, DEAD])
  const started = performance.now()
  await broker.stats(QUEUES)
  const statsMs = performance.now() - started

  const { ran, perSecond } = await drain(broker, due)
  expect([...ran.values()].every((times) => times === 1)).toBe(true)
  expect([await sum('ready'), await sum('active'), await sum('delayed'), await sum('dead')]).toEqual([
    0,
    0,
    DELAYED,
    DEAD,
  ])
  recordFigure(
    'Postgres: jobs/s in a table with 12 queues, 100,000 delayed, 10,000 dead and 10,000 expired, beside one without',
    `${Math.round(perSecond).toLocaleString('en')} beside ${Math.round(reference.perSecond).toLocaleString('en')}; stats in ${statsMs.toFixed(0)} ms`,
  )
  expect(reference.perSecond / perSecond).toBeLessThan(LIMIT_SLOWDOWN)
})
