import { postgres } from '@isobar/adapters/postgres'
import { type Duration, Scope } from '@isobar/core'
import { Pool, type PoolClient } from 'pg'
import { DemoRunError } from '../../errors.ts'
import type { Engine } from '../engine.ts'
import type { Place } from '../place.ts'
import type { Sql } from '../sql.ts'
import { SqlDatabase } from '../sql-database.ts'
import { SqlOffice } from '../sql-office.ts'
import { openSqlRun } from '../sql-run.ts'
import { toMailSchema } from '../sql-schema.ts'

/** Connections of the platform's own at most, beside the broker's: one of them holds the lock. */
const CONNECTIONS = 11

/** How long a process that was just killed may hold the lock, in ms: until the server has noticed. */
const LOCK_WAIT_MS = 2_000

/** What PostgreSQL answers when a lock was not to be had in time. */
const LOCK_NOT_AVAILABLE = '55P03'

/** A PostgreSQL server. A pool beside the broker's serves the platform's tables; a lock keeps other demos out. */
export async function openPostgres(
  { url, schema }: Extract<Place, { kind: 'postgres' }>,
  onNotice: (message: string) => void,
  retain: Duration,
): Promise<Engine> {
  const scope = new Scope()
  try {
    const broker = scope.use(postgres(url, { schema, retain, onNotice }))
    await broker.ready()
    const pool = scope.adopt(new Pool({ connectionString: url, max: CONNECTIONS }), (open) => open.end())
    // Connections that break while nobody uses them are the pool's to replace; without listeners they end the process.
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    scope.adopt(await lock(pool, schema), (client) => client.release(true))
    const sql: Sql = {
      query: async (text, values) => (await pool.query(text, values)).rows,
      transaction: (run) => transact(pool, run),
    }
    const mail = toMailSchema(schema)
    return {
      broker,
      tables: { database: new SqlDatabase(sql.query, mail), office: new SqlOffice(sql.query, mail) },
      keepDead: Number.POSITIVE_INFINITY,
      openRun: (wanted, send) => openSqlRun({ sql, broker, schema, send }, wanted),
      close: () => scope[Symbol.asyncDispose](),
    }
  } catch (error) {
    await scope[Symbol.asyncDispose]()
    throw error
  }
}

/** Locks the schema for this process, on a connection of its own. The server frees it when the process is gone. */
async function lock(pool: Pool, schema: string): Promise<PoolClient> {
  const client = await pool.connect()
  try {
    await client.query(`SET lock_timeout = ${LOCK_WAIT_MS}`)
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [schema])
    return client
  } catch (error) {
    client.release(true)
    if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error
    throw new DemoRunError('another demo works on this database; stop it, or start with --folder or --memory')
  }
}

async function transact<Value>(pool: Pool, run: Parameters<Sql['transaction']>[0]): Promise<Value> {
  const client = await pool.connect()
  let broken = false
  try {
    await client.query('BEGIN')
    const value = await run(client)
    await client.query('COMMIT')
    return value as Value
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      broken = true
    })
    throw error
  } finally {
    client.release(broken)
  }
}
