import { type PostgresClient, type PostgresPool, postgres } from '@isobar/adapters/postgres'
import { Client, Pool } from 'pg'
import { afterAll, expect, it } from 'vitest'
import { createDatabase, query } from '../database.ts'
import { spec, want } from './jobs.ts'

const database = await createDatabase()
const { url } = database
afterAll(() => database[Symbol.asyncDispose]())

/** The server may have other faults, which are told as well. */
const isOfListening = (message: string): boolean => !message.includes('autovacuum')

/** Resolves with the backend that listens on the channel of a schema. */
async function listener(schema: string): Promise<number> {
  for (;;) {
    const [row] = await query<{ pid: number }>(
      url,
      `SELECT pid FROM pg_stat_activity WHERE query = $1 AND state = 'idle' AND datname = current_database()`,
      [`LISTEN "isobar_${schema}"`],
    )
    if (row) return row.pid
  }
}

it('a job that another process enqueues is heard of, and received within the wait', async () => {
  await using worker = postgres(url, { schema: 'heard', poll: '1h' })
  await using producer = postgres(url, { schema: 'heard' })
  const first = worker.receive(want({ waitMs: 30_000 }))
  await listener('heard')
  const [sent] = await producer.send([spec()])
  expect((await first).map(({ job }) => job.id)).toEqual([sent?.id])
})

it('many at once are told of in few notifications, and none is left behind', async () => {
  await using worker = postgres(url, { schema: 'many', poll: '1h' })
  await using producer = postgres(url, { schema: 'many' })
  const first = worker.receive(want({ max: 1, waitMs: 30_000 }))
  await listener('many')
  const heard = new Client(url)
  let notifications = 0
  heard.on('notification', () => notifications++)
  await heard.connect()
  await heard.query('LISTEN isobar_many')
  for (let n = 0; n < 100; n++) await producer.send([spec()])
  let received = (await first).length
  while (received < 100) received += (await worker.receive(want({ max: 100, waitMs: 30_000 }))).length
  await heard.end()
  expect(received).toBe(100)
  expect(notifications).toBeGreaterThan(0)
  expect(notifications).toBeLessThan(60)
})

it('a delayed job that comes while nobody runs is received when it is due', async () => {
  await using worker = postgres(url, { schema: 'later', poll: '1h' })
  await using producer = postgres(url, { schema: 'later' })
  const waiting = worker.receive(want({ waitMs: 30_000 }))
  await listener('later')
  await producer.send([spec({ delayMs: 300 })])
  const [delivery] = await waiting
  expect(Date.now() - (delivery?.job.enqueuedAt ?? 0)).toBeGreaterThan(250)
})

it('a connection that listens and breaks is told of once and replaced', async () => {
  const notices: string[] = []
  await using worker = postgres(url, {
    schema: 'broken',
    onNotice: (message) => isOfListening(message) && notices.push(message),
  })
  await using producer = postgres(url, { schema: 'broken' })
  const waiting = worker.receive(want({ waitMs: 60_000 }))
  const pid = await listener('broken')
  await query(url, 'SELECT pg_terminate_backend($1)', [pid])
  expect(await listener('broken')).not.toBe(pid)
  const [sent] = await producer.send([spec()])
  expect((await waiting).map(({ job }) => job.id)).toEqual([sent?.id])
  expect(notices).toEqual([expect.stringContaining('is gone')])
})

it('behind a pooler of transactions LISTEN is found out not to work, is told, and polling goes on', async () => {
  const pool = new Pool({ connectionString: url, max: 4 })
  // As such a pooler does: each statement may run on another server connection, and none is the client's.
  const client: PostgresClient = {
    query: (statement) => pool.query(statement as never) as never,
    release: () => {},
    on: () => {},
    removeListener: () => {},
  }
  const pooler: PostgresPool = { query: client.query, connect: async () => client }
  const told = Promise.withResolvers<string>()
  {
    await using producer = postgres(url, { schema: 'pooled' })
    await producer.ready()
    await using worker = postgres(pooler, {
      schema: 'pooled',
      migrate: false,
      onNotice: (message) => isOfListening(message) && told.resolve(message),
    })
    const waiting = worker.receive(want({ waitMs: 60_000 }))
    expect(await told.promise).toContain('pooler')
    await producer.send([spec()])
    expect(await waiting).toHaveLength(1)
  }
  await pool.end()
})

it('where it is not wanted, or the pool is too small, nobody listens', async () => {
  const pool = new Pool({ connectionString: url, max: 2 })
  {
    await using small = postgres(pool, { schema: 'small' })
    await using deaf = postgres(url, { schema: 'deaf', listen: false, poll: 20 })
    await using producer = postgres(url, { schema: 'deaf' })
    const waiting = deaf.receive(want({ waitMs: 30_000 }))
    expect(await small.receive(want({ waitMs: 100 }))).toEqual([])
    await producer.send([spec()])
    expect(await waiting).toHaveLength(1)
    expect(
      await query(
        url,
        `SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN "isobar_%' AND datname = current_database() AND query ~ 'small|deaf'`,
      ),
    ).toEqual([])
  }
  await pool.end()
})
