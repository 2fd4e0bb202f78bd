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
  const name = `isobar_demo_test_${randomBytes(6).toString('hex')}`
  await ask(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    async [Symbol.asyncDispose]() {
      await ask(server, untilNobodyIsIn(name))
      await ask(server, `drop database if exists ${name} with (force)`)
    },
  }
}

/** Waits at most 2 s: a client that is just saying goodbye would take being thrown out for an error. */
function untilNobodyIsIn(name: string): string {
  return `do $$ begin
    for round in 1..100 loop
      exit when not exists (select from pg_stat_activity where datname = '${name}');
      perform pg_sleep(0.02);
      perform pg_stat_clear_snapshot();
    end loop;
  end $$`
}

async function ask(url: string, text: string): Promise<void> {
  const client = new Client(url)
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}
