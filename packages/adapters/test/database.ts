import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { serviceUrl } from '../../../scripts/services/service-url.ts'

/** A database of a test's own. Disposing drops it, whoever is still connected. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string
}

/** Makes a database on the server that the test run has found or started. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = await serviceUrl('postgres')
  const name = `isobar_test_${randomBytes(6).toString('hex')}`
  await query(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: async () => void (await query(server, `drop database if exists ${name} with (force)`)),
  }
}

/** Runs one statement on a connection of its own and answers its rows. */
export async function query<Row extends object>(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query<Row>(text, [...values])).rows
  } finally {
    await client.end()
  }
}
