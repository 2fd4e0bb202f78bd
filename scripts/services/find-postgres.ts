import { Client } from 'pg'

/** Where PostgreSQL is on most machines. */
export const DEFAULT_POSTGRES_URL = 'postgres://postgres@127.0.0.1:5432/postgres'

/** How long a server may take to answer, in ms. */
const PATIENCE_MS = 5_000

/** Undefined when a PostgreSQL server answers there and lets us in; else why not. */
export async function whyNotPostgres(url: string): Promise<unknown> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS })
  // What breaks later is told by whoever uses it.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return undefined
  } catch (error) {
    return error
  } finally {
    await client.end().catch(() => {})
  }
}
