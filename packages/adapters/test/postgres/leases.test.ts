import { postgres } from '@isobar/adapters/postgres'
import type { Delivery } from '@isobar/core'
import { Client } from 'pg'
import { afterAll, expect, it } from 'vitest'
import { createDatabase, query } from '../database.ts'
import { settled, spec, want } from './jobs.ts'

const database = await createDatabase()
const { url } = database
afterAll(() => database[Symbol.asyncDispose]())

const leaseEnd = async (schema: string): Promise<number> =>
  Number((await query<{ due: string }>(url, `SELECT extract(epoch FROM due_at) AS due FROM ${schema}.job`))[0]?.due)

it('a job that tells its progress all the time keeps its lease', async () => {
  await using broker = postgres(url, { schema: 'telling' })
  await broker.send([spec()])
  const [delivery] = (await broker.receive(want())) as [Delivery]
  let isOver = false
  const telling = (async () => {
    for (let n = 0; !isOver; n++) await broker.progress(delivery, n)
  })()
  try {
    for (let n = 0; n < 50; n++) {
      const before = await leaseEnd('telling')
      expect(await broker.extend([delivery], 30_000)).toEqual([])
      expect(await leaseEnd('telling')).toBeGreaterThan(before)
    }
  } finally {
    isOver = true
    await telling
  }
})

it('leases are extended past one whose row somebody holds, and that one after it', async () => {
  await using broker = postgres(url, { schema: 'held' })
  await broker.send([spec({ id: 'a' }), spec({ id: 'b' }), spec({ id: 'c' })])
  const deliveries = await broker.receive(want())
  const started = Date.now()
  const user = new Client(url)
  await user.connect()
  try {
    await user.query('BEGIN')
    await user.query(`SELECT FROM held.job WHERE own_id = 'b' FOR UPDATE`)
    const extending = broker.extend(deliveries, 600_000)
    const ends = `SELECT own_id FROM held.job WHERE due_at > to_timestamp($1) ORDER BY 1`
    const late = [(started + 300_000) / 1_000]
    while ((await query(url, ends, late)).length < 2);
    expect(await query(url, ends, late)).toEqual([{ own_id: 'a' }, { own_id: 'c' }])
    await user.query('COMMIT')
    expect(await extending).toEqual([])
    expect(await query(url, ends, late)).toHaveLength(3)
  } finally {
    await user.end()
  }
})

it('a batch of the greatest size is settled well within a lease, lost ones and follow-up jobs included', async () => {
  await using broker = postgres(url, { schema: 'many' })
  const count = broker.can.maxBatch
  await broker.send(Array.from({ length: count }, () => spec()))
  const deliveries: Delivery[] = []
  while (deliveries.length < count) deliveries.push(...(await broker.receive(want({ max: 1_000, leaseMs: 600_000 }))))
  expect(await broker.cancel(deliveries[0]?.job.id ?? '')).toBe(true)
  const started = performance.now()
  const lost = await broker.settle(
    deliveries.map((delivery) => settled(delivery, { kind: 'ack', enqueue: [spec({ queue: 'next' })] })),
  )
  expect(performance.now() - started).toBeLessThan(10_000)
  expect(lost).toEqual([{ delivery: deliveries[0], reason: 'canceled' }])
  expect(await broker.stats(['next'])).toMatchObject([{ ready: count - 1 }])
}, 60_000)

it('a number of jobs that is none asks for none', async () => {
  await using broker = postgres(url, { schema: 'none' })
  await broker.send([spec()])
  for (const max of [Number.NaN, 0, -1, 0.5]) {
    expect(await broker.receive(want({ queues: [{ name: 'default', max }] }))).toEqual([])
    expect(await broker.receive(want({ max, queues: [{ name: 'default', max: 1 }] }))).toEqual([])
  }
})
