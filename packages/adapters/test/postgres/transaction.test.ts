import { postgres } from '@isobar/adapters/postgres'
import { defineJob } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { Client, Pool } from 'pg'
import { afterAll, expect, it } from 'vitest'
import { createDatabase, query } from '../database.ts'
import { settled, spec, want } from './jobs.ts'

const database = await createDatabase()
const { url } = database
afterAll(() => database[Symbol.asyncDispose]())

it('jobs enqueued in a transaction of the user’s exist when it commits, wake who waits, and not when it rolls back', async () => {
  await using broker = postgres(url)
  const jobs = createProducer(broker)
  const work = defineJob({ name: 'work' })
  const tx = new Client(url)
  await tx.connect()
  try {
    await tx.query('BEGIN')
    const { id } = await jobs.enqueue(work, null, { tx })
    expect(await broker.get(id)).toBeUndefined()
    await tx.query('ROLLBACK')
    expect(await broker.get(id)).toBeUndefined()

    const waiting = broker.receive(want({ waitMs: 20_000 }))
    await tx.query('BEGIN')
    const sent = await jobs.enqueue(work, null, { tx })
    await tx.query('COMMIT')
    expect((await waiting).map(({ job }) => job.id)).toEqual([sent.id])
  } finally {
    await tx.end()
  }
})

it('what is refused in a transaction of the user’s is theirs to roll back', async () => {
  await using broker = postgres(url)
  await expect(broker.send([spec()], { tx: {} })).rejects.toMatchObject({ code: 'OPTION' })
  const tx = new Client(url)
  await tx.connect()
  try {
    await tx.query('BEGIN')
    await tx.query('SELECT 1/0').catch(() => {})
    await expect(broker.send([spec()], { tx })).rejects.toMatchObject({ code: 'DATABASE', sqlState: '25P02' })
  } finally {
    await tx.end()
  }
})

it('a pool of the user’s is used and left open', async () => {
  const pool = new Pool({ connectionString: url, max: 4 })
  const listeners = pool.listenerCount('error')
  {
    await using broker = postgres(pool, { schema: 'theirs' })
    await broker.send([spec()])
    const [delivery] = await broker.receive(want({ waitMs: 100 }))
    if (delivery) await broker.settle([settled(delivery, { kind: 'ack' })])
    expect(await broker.receive(want({ waitMs: 50 }))).toEqual([])
  }
  expect(pool.listenerCount('error')).toBe(listeners)
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await pool.end()
})

it('50,000 jobs are enqueued in one call, all or none', async () => {
  await using broker = postgres(url, { schema: 'bulk' })
  const specs = Array.from({ length: 50_000 }, (_, n) => spec({ text: `${n}` }))
  const answers = await broker.send(specs)
  expect(new Set(answers.map(({ id }) => id)).size).toBe(50_000)
  expect(await broker.stats(['default'])).toMatchObject([{ ready: 50_000 }])
  const broken = specs.map((one, n) =>
    n === 49_999 ? { ...one, id: answers[0]?.id ?? '', priority: 'none' as 'low' } : one,
  )
  await expect(broker.send(broken)).rejects.toMatchObject({ code: 'OPTION' })
  expect(await broker.stats(['default'])).toMatchObject([{ ready: 50_000 }])
})

it('a connection that breaks within a transaction is told of, and nothing else happens', async () => {
  await using broker = postgres(url, { schema: 'cut' })
  await broker.ready()
  const sending = broker.send(Array.from({ length: 50_000 }, (_, n) => spec({ text: `${n}` })))
  const failed = expect(sending).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  for (;;) {
    const cut = await query(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'isobar' AND backend_xid IS NOT NULL`,
    )
    if (cut.length > 0) break
  }
  await failed
  expect(await broker.stats(['default'])).toMatchObject([{ ready: 0 }])
})
