import { OptionError } from '@isobar/core'
import type { Database, ListenCallbacks, Query, Row, Unlisten } from './database.ts'
import { DriverMissingError } from './errors.ts'
import { quote } from './identifiers.ts'

/** A statement as `pg` takes it. */
export interface PostgresStatement {
  readonly text: string
  readonly values?: unknown[]
  readonly rowMode: 'array'
  /** Leaves every column as the text that the server wrote. */
  readonly types: { getTypeParser(): (text: string) => unknown }
  /** How long the client waits for the answer, in ms. */
  readonly query_timeout?: number
}

/** What asks statements: a client of `pg`, in whose transaction jobs can be enqueued, or one that is shaped like it. */
export interface PostgresQueryable {
  query(statement: PostgresStatement): Promise<{ readonly rows: unknown[] }>
}

/** A client of `pg` that a pool has lent. */
export interface PostgresClient extends PostgresQueryable {
  /** With an error the connection is closed. */
  release(error?: Error | boolean): void
  on(event: string, listener: (...args: unknown[]) => void): unknown
  removeListener(event: string, listener: (...args: unknown[]) => void): unknown
}

/** A pool of `pg`, or one that is shaped like it. */
export interface PostgresPool extends PostgresQueryable {
  connect(): Promise<PostgresClient>
  on?(event: 'error', listener: (error: Error) => void): unknown
  removeListener?(event: 'error', listener: (error: Error) => void): unknown
  end?(): Promise<void>
  /** `max`: connections that it opens at most. */
  readonly options?: { readonly max?: number }
}

/** How long opening a connection may take, in ms. */
const CONNECT_TIMEOUT_MS = 10_000

/** How long a connection that nobody uses stays open, in ms. */
const IDLE_TIMEOUT_MS = 30_000

/** How long statements that run may go on when the broker is disposed, in ms; then their connections are closed. */
const CLOSE_MS = 2_000

/** How much longer than its statement's timeout a server in a transaction is waited for, in ms. */
const SILENCE_MS = 5_000

/** Connections below which none is set aside to listen: the others would have to wait for each other. */
const LEAST_TO_LISTEN = 3

/** What a connection is opened with. */
export interface PgOptions {
  readonly statementTimeoutMs: number
  readonly connections: number
}

/** Opens a pool of its own, which `close` ends. */
export async function openPool(url: string, options: PgOptions): Promise<Database> {
  const { Pool } = await loadPg()
  const pool = new Pool({
    connectionString: url,
    max: options.connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'isobar',
  })
  const clients = new Set<import('pg').PoolClient>()
  // For good: a server that cuts a connection may do so when the pool has ended, before it has let go of it.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    clients.add(client)
    client.on('error', () => {})
  })
  pool.on('remove', (client) => clients.delete(client))
  return new PgDatabase(pool as unknown as PostgresPool, options, async () => {
    // A server that says nothing would be waited for until the statement's timeout.
    const impatience = setTimeout(() => {
      for (const client of clients) client.end().catch(() => {})
    }, CLOSE_MS)
    await pool.end().finally(() => clearTimeout(impatience))
  })
}

/** Works on a pool of the user's, which stays open. */
export function usePool(pool: PostgresPool, options: PgOptions): Database {
  return new PgDatabase(pool, options, async () => {})
}

async function loadPg(): Promise<typeof import('pg')['default']> {
  try {
    return (await import('pg')).default
  } catch (cause) {
    throw new DriverMissingError('pg', { cause })
  }
}

/**
 * PostgreSQL over `pg`. Nothing is set on a session and no statement is named, so that it works behind a pooler of
 * transactions. A statement that takes too long closes its connection.
 */
class PgDatabase implements Database {
  readonly query: Query
  readonly listen: Database['listen']
  readonly vacuum = undefined
  readonly #pool: PostgresPool
  readonly #timeoutMs: number
  readonly #end: () => Promise<void>
  /** A connection that breaks while nobody uses it is the pool's to replace; without a listener it ends the process. */
  readonly #onIdleError = (): void => {}

  constructor(pool: PostgresPool, { statementTimeoutMs, connections }: PgOptions, end: () => Promise<void>) {
    this.#pool = pool
    this.#timeoutMs = statementTimeoutMs
    this.#end = end
    this.query = toQuery(pool, statementTimeoutMs)
    this.listen = (pool.options?.max ?? connections) < LEAST_TO_LISTEN ? undefined : (...args) => this.#listen(...args)
    pool.on?.('error', this.#onIdleError)
  }

  async transaction<Value>(run: (query: Query) => Promise<Value>, timeoutMs: number = this.#timeoutMs): Promise<Value> {
    const client = await this.#pool.connect()
    // The server ends what takes too long; the client is there for a server that says nothing.
    const query = toQuery(client, timeoutMs + SILENCE_MS)
    let broken: Error | undefined
    // The statement under way tells of a connection that breaks; without a listener it would end the process.
    const onError = (): void => {}
    client.on('error', onError)
    try {
      await query('BEGIN')
      await query(`SET LOCAL statement_timeout = ${Math.ceil(timeoutMs)}`)
      const value = await run(query)
      await query('COMMIT')
      return value
    } catch (error) {
      await query('ROLLBACK').catch((failed: Error) => {
        broken = failed
      })
      throw error
    } finally {
      client.release(broken)
      client.removeListener('error', onError)
    }
  }

  within(tx: unknown): Query {
    if (typeof (tx as Partial<PostgresQueryable> | null)?.query !== 'function')
      throw new OptionError('tx must be a client of pg, or have its query({ text, values, rowMode })')
    return toQuery(tx as PostgresQueryable, undefined)
  }

  async #listen(channel: string, { onMessage, onEnd }: ListenCallbacks): Promise<Unlisten> {
    const client = await this.#pool.connect()
    const onNotification = (notification: unknown): void => {
      const message = notification as { readonly channel: string; readonly payload?: string }
      if (message.channel === channel) onMessage(message.payload ?? '')
    }
    let over = false
    const end = (error?: unknown): void => {
      if (over) return
      over = true
      client.removeListener('notification', onNotification)
      client.removeListener('end', onGone)
      // Closed rather than handed back: a session that listens is nobody else's. `error` stays heard until then.
      client.release(error instanceof Error ? error : true)
    }
    const onGone = (error?: unknown): void => {
      if (over) return
      end(error)
      onEnd(error ?? new Error('the connection that listened has ended'))
    }
    client.on('notification', onNotification)
    client.on('error', onGone)
    client.on('end', onGone)
    try {
      await toQuery(client, this.#timeoutMs)(`LISTEN ${quote(channel)}`)
    } catch (error) {
      end(error)
      throw error
    }
    return async () => end()
  }

  async close(): Promise<void> {
    this.#pool.removeListener?.('error', this.#onIdleError)
    await this.#end()
  }
}

const AS_TEXT: PostgresStatement['types'] = { getTypeParser: () => (text) => text }

function toQuery(client: PostgresQueryable, timeoutMs: number | undefined): Query {
  return async (text, values = []) => {
    const { rows } = await client.query({
      text,
      values: values as unknown[],
      rowMode: 'array',
      types: AS_TEXT,
      ...(timeoutMs !== undefined && { query_timeout: timeoutMs }),
    })
    return rows as Row[]
  }
}
