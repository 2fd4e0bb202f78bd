import { embedded, postgres } from '@isobar/adapters/postgres'
import type { Delivery } from '@isobar/core'
import { Client } from 'pg'
import { afterAll, expect, it } from 'vitest'
import { createDatabase, query } from '../database.ts'
import { settled, spec, want } from './jobs.ts'

const database = await createDatabase()
const { url } = database
afterAll(() => database[Symbol.asyncDispose]())

/** Drops every partition of a schema, as a long standstill does. */
async function dropPartitions(schema: string): Promise<void> {
  const partitions = `SELECT inhrelid::regclass::text AS name FROM pg_inherits
    WHERE inhparent IN ('${schema}.finished'::regclass, '${schema}.execution'::regclass)`
  for (const { name } of await query<{ name: string }>(url, partitions)) await query(url, `DROP TABLE ${name}`)
}

/** Resolves once somebody waits for a turn at the maintenance. */
async function waitsForTurn(): Promise<void> {
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`
  while ((await query(url, waiting)).length === 0);
}

it('a partition that is missing is made, and no outcome is lost for it', async () => {
  await using broker = postgres(url, { schema: 'parts', retain: '1h', log: '1h' })
  await broker.send([spec(), spec()])
  const deliveries = await broker.receive(want())
  await dropPartitions('parts')
  expect(await broker.settle(deliveries.map((delivery) => settled(delivery, { kind: 'ack', result: 1 })))).toEqual([])
  for (const { job } of deliveries) expect(await broker.get(job.id)).toMatchObject({ state: 'done', result: 1 })
})

it('what is past its retention is dropped, a partition at a time', async () => {
  await using broker = postgres(url, { schema: 'retained', retain: '1h', log: '3d' })
  await broker.ready()
  const old = Math.floor(Date.now() / 3_600_000) * 3_600 - 5 * 3_600
  for (const [from, to] of [
    [old, old + 3_600],
    [old + 3_600 * 3, old + 3_600 * 4],
  ] as const) {
    await query(
      url,
      `CREATE TABLE retained.finished_${from}_${to} PARTITION OF retained.finished
      FOR VALUES FROM ('${new Date(from * 1000).toISOString()}') TO ('${new Date(to * 1000).toISOString()}')`,
    )
  }
  const names = async (): Promise<string[]> =>
    (
      await query<{ name: string }>(
        url,
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'retained.finished'::regclass`,
      )
    ).map(({ name }) => name)
  await using other = postgres(url, { schema: 'retained', retain: '1h', log: '3d' })
  await other.ready()
  const kept = await names()
  expect(kept).not.toContain(`retained.finished_${old}_${old + 3_600}`)
  const bounds = kept.map((name) => name.split('_').slice(1).map(Number))
  const now = Date.now() / 1_000
  expect(bounds.some(([from, to]) => (from as number) <= now && now < (to as number))).toBe(true)
  expect(Math.max(...bounds.map(([, to]) => to as number))).toBeGreaterThan(now + 3_600)
})

it('a job that is done while another process makes the partitions is done, and its follow-up jobs are there', async () => {
  await using broker = postgres(url, { schema: 'turns', retain: '1h' })
  await broker.ready()
  await broker.send([spec()])
  const [delivery] = (await broker.receive(want())) as [Delivery]
  await dropPartitions('turns')
  const other = new Client(url)
  await other.connect()
  try {
    await other.query('BEGIN')
    await other.query(`SELECT pg_advisory_xact_lock(hashtextextended('isobar maintain turns', 0))`)
    const settling = broker.settle([settled(delivery, { kind: 'ack', enqueue: [spec({ queue: 'next' })] })])
    await waitsForTurn()
    await other.query('COMMIT')
    expect(await settling).toEqual([])
  } finally {
    await other.end()
  }
  expect(await broker.get(delivery.job.id)).toMatchObject({ state: 'done' })
  expect(await broker.stats(['next'])).toMatchObject([{ ready: 1 }])
})

it.each([
  ['PostgreSQL', () => postgres(url, { schema: 'canceling', retain: '1h' })],
  ['PGlite', () => embedded('memory://', { retain: '1h' })],
])('a job can be cancelled where no worker has made partitions yet: %s', async (_, create) => {
  await using broker = create()
  const [sent] = await broker.send([spec()])
  expect(await broker.cancel(sent?.id ?? '')).toBe(true)
  expect(await broker.get(sent?.id ?? '')).toMatchObject({ state: 'canceled' })
})

it('rows that somebody else holds are left for the next round, and keep nobody waiting', async () => {
  await using broker = postgres(url, { schema: 'rounds', retain: '1h' })
  await broker.send([1, 2].map((n) => spec({ key: `${n}`, dedupe: { mode: 'window', windowMs: 1 } })))
  const user = new Client(url)
  await user.connect()
  try {
    await user.query('BEGIN')
    await user.query(`SELECT FROM rounds.held_key WHERE key = '1' FOR UPDATE`)
    await query(url, `SELECT rounds.maintain(3600000, 0, true)`)
    expect(await query(url, 'SELECT key FROM rounds.held_key')).toEqual([{ key: '1' }])
  } finally {
    await user.end()
  }
})
