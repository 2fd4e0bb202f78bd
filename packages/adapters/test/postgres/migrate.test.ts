import { postgres } from '@isobar/adapters/postgres'
import type { Outcome } from '@isobar/core'
import { afterAll, expect, it } from 'vitest'
import { MIGRATIONS, type Migration } from '../../src/postgres/migrations/index.ts'
import { createDatabase, query } from '../database.ts'
import { settled, spec, want } from './jobs.ts'

const database = await createDatabase()
const { url } = database
afterAll(() => database[Symbol.asyncDispose]())

const NEWEST = MIGRATIONS.length

/** A broker that has opened its schema when there were only the first `version` steps. */
async function openAtVersion(version: number, schema: string): Promise<ReturnType<typeof postgres>> {
  const broker = postgres(url, { schema, log: '1h' })
  const steps = MIGRATIONS as Migration[]
  const later = steps.splice(version)
  try {
    await broker.ready()
    return broker
  } finally {
    steps.push(...later)
  }
}

it('many processes may bring one schema up to date at once', async () => {
  const brokers = Array.from({ length: 12 }, () => postgres(url, { schema: 'at_once', connections: 1 }))
  await Promise.all(brokers.map((broker) => broker.ready()))
  const sent = await Promise.all(brokers.map((broker) => broker.send([spec()])))
  expect(sent).toHaveLength(12)
  await Promise.all(brokers.map((broker) => broker[Symbol.asyncDispose]()))
  expect(await query(url, 'SELECT version FROM at_once.migration ORDER BY version')).toEqual(
    MIGRATIONS.map((_, index) => ({ version: index + 1 })),
  )
})

it('a schema that is newer than the code is an error, and stays as it is', async () => {
  await using broker = postgres(url, { schema: 'newer' })
  await broker.ready()
  await query(url, 'INSERT INTO newer.migration (version) VALUES (1000)')
  await using old = postgres(url, { schema: 'newer' })
  await expect(old.ready()).rejects.toMatchObject({
    code: 'SCHEMA_VERSION',
    message: expect.stringContaining('update isobar'),
  })
  await expect(old.send([spec()])).rejects.toMatchObject({ code: 'SCHEMA_VERSION' })
  await expect(old.migrate()).rejects.toMatchObject({ code: 'SCHEMA_VERSION' })
})

it('without the right to migrate a missing schema is an error that names the command, until somebody has run it', async () => {
  await using broker = postgres(url, { schema: 'by_hand', migrate: false })
  await expect(broker.ready()).rejects.toMatchObject({
    code: 'SCHEMA_VERSION',
    message: expect.stringContaining('isobar migrate'),
  })
  expect(await broker.migrate()).toEqual({ from: 0, to: NEWEST })
  expect(await broker.migrate()).toEqual({ from: NEWEST, to: NEWEST })
  await broker.ready()
  await broker.send([spec()])
})

/** What a worker of version 1 asks: its statements, which a newer one must leave as they are. */
const elder = (s: string) => ({
  async send(ids: readonly string[]): Promise<void> {
    const same = (value: unknown) => ids.map(() => value)
    await query(url, `SELECT ids FROM ${s}.enqueue($1, $2, $3, $4, $5, $6, ${Array(8).fill('NULL').join(', ')})`, [
      ...[ids, same('case'), same('q'), same(1), same(0), JSON.stringify(same({}))],
    ])
  },
  async claim(max: number): Promise<readonly { seq: string; delivery: number }[]> {
    return query(
      url,
      `UPDATE ${s}.job AS j SET state = 'running', due_at = statement_timestamp() + interval '30 s',
        delivery = j.delivery + 1, crashes = j.crashes + (j.state = 'running')::integer
      WHERE j.ctid = ANY ((SELECT ${s}.due('{q}', '{9}', $1))::tid[]) RETURNING j.seq, j.delivery`,
      [max],
    )
  },
  /** Retry, release as a suspect, dead: with the flags that it set, and no reason but of the dead. */
  async settle(held: readonly { seq: string; delivery: number }[]): Promise<readonly unknown[]> {
    const error = '{"name":"Error","message":"failed"}'
    return query(url, `SELECT n FROM ${s}.settle(${Array.from({ length: 27 }, (_, n) => `$${n + 1}`).join(', ')})`, [
      ...[held.map(({ seq }) => seq), held.map(({ delivery }) => delivery)],
      ...[
        ['retry', 'release', 'dead'],
        [0, null, null],
        [error, null, error],
        [null, null, 'exhausted'],
      ],
      ...[[true, true, true], null, [1, 1, 1], [2, 2, 2], false, true, ...Array(15).fill(null)],
    ])
  },
})

it('a schema of version 1 with jobs in it is brought to the newest, under a worker that goes on', async () => {
  await using first = await openAtVersion(1, 'grown')
  const old = elder('grown')
  const ids = ['ran', 'suspect', 'dead', 'queued']
  await old.send(ids)
  const held = await old.claim(3)

  await using early = postgres(url, { schema: 'grown', migrate: false })
  await expect(early.ready()).rejects.toMatchObject({
    code: 'SCHEMA_VERSION',
    message: expect.stringContaining('isobar migrate'),
  })
  await using broker = postgres(url, { schema: 'grown', log: '1h' })
  expect(await broker.migrate()).toEqual({ from: 1, to: NEWEST })

  // Whatever a worker of version 1 says counts as before: a retry whose handler ran is no crash.
  expect(await old.settle(held)).toEqual([])
  expect(await Promise.all(ids.map((id) => first.get(id)))).toMatchObject([
    { state: 'queued', attempt: 2, crashes: 0 },
    { state: 'queued', attempt: 1, crashes: 1 },
    { state: 'dead', attempt: 1, crashes: 0, reason: 'exhausted' },
    { state: 'queued', attempt: 1, crashes: 0 },
  ])
  await old.send(['later'])
  expect(await broker.cancel('later')).toBe(true)

  const deliveries = await broker.receive(want({ queues: [{ name: 'q', max: 10 }] }))
  const crash: Outcome = { kind: 'retry', delayMs: 0, error: new Error('crashed'), crashed: true }
  expect(await broker.settle(deliveries.map((one) => settled(one, crash)))).toEqual([])
  const after = await Promise.all(['ran', 'suspect', 'queued'].map((id) => broker.get(id)))
  expect(after.map((status) => [status?.attempt, status?.crashes, status?.error?.message, status?.reason])).toEqual([
    [3, 1, 'crashed', undefined],
    [2, 2, 'crashed', undefined],
    [2, 1, 'crashed', undefined],
  ])
  expect((await broker.executions('ran')).map((run) => [run.attempt, run.outcome, run.error?.message])).toEqual([
    [1, 'retry', 'failed'],
    [2, 'retry', 'crashed'],
  ])
})

it('schemas keep apart', async () => {
  await using one = postgres(url, { schema: 'one' })
  await using other = postgres(url, { schema: 'Other_1' })
  await one.send([spec({ id: 'same' })])
  expect(await other.send([spec({ id: 'same' })])).toEqual([{ id: 'same', duplicate: false }])
  expect(await one.receive(want())).toHaveLength(1)
  expect(await other.receive(want())).toHaveLength(1)
})

it('a role with few rights can work in a schema that another has made', async () => {
  await using owner = postgres(url, { schema: 'granted', retain: '1h', log: '1h' })
  await owner.ready()
  await query(url, `DROP ROLE IF EXISTS isobar_test_worker`)
  await query(url, `CREATE ROLE isobar_test_worker LOGIN`)
  await query(url, `GRANT USAGE ON SCHEMA granted TO isobar_test_worker`)
  await query(url, `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA granted TO isobar_test_worker`)
  await query(url, `GRANT USAGE ON ALL SEQUENCES IN SCHEMA granted TO isobar_test_worker`)
  await query(url, `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA granted TO isobar_test_worker`)
  const limited = new URL(url)
  limited.username = 'isobar_test_worker'
  {
    await using broker = postgres(limited.href, { schema: 'granted', migrate: false, retain: '1h', log: '1h' })
    const [sent] = await broker.send([spec()])
    const deliveries = await broker.receive(want())
    const endedAt = Date.now()
    await broker.settle(
      deliveries.map((delivery) => ({ delivery, outcome: { kind: 'ack' }, startedAt: endedAt, endedAt })),
    )
    expect(await broker.get(sent?.id ?? '')).toMatchObject({ state: 'done' })
    expect(await broker.executions(sent?.id ?? '')).toMatchObject([{ outcome: 'ack', attempt: 1, workerId: 'test' }])
  }
  await query(url, `DROP OWNED BY isobar_test_worker`)
  await query(url, `DROP ROLE isobar_test_worker`)
})

it('a role that was given the schema can migrate it, and makes none', async () => {
  await query(url, `DROP ROLE IF EXISTS isobar_test_owner`)
  await query(url, `CREATE ROLE isobar_test_owner LOGIN`)
  await query(url, `CREATE SCHEMA given AUTHORIZATION isobar_test_owner`)
  const limited = new URL(url)
  limited.username = 'isobar_test_owner'
  {
    await using broker = postgres(limited.href, { schema: 'given' })
    expect(await broker.migrate()).toEqual({ from: 0, to: NEWEST })
    expect(await broker.send([spec()])).toHaveLength(1)
  }
  await query(url, `DROP OWNED BY isobar_test_owner CASCADE`)
  await query(url, `DROP ROLE isobar_test_owner`)
})

it('what runs with its owner’s rights is not everybody’s to call, and takes no temporary table for the catalog', async () => {
  await using owner = postgres(url, { schema: 'guarded' })
  await owner.ready()
  await query(url, `CREATE TABLE guarded.precious_1_1 ()`)
  await query(url, `DROP ROLE IF EXISTS isobar_test_guest`)
  await query(url, `CREATE ROLE isobar_test_guest LOGIN`)
  await query(url, `GRANT USAGE ON SCHEMA guarded TO isobar_test_guest`)
  const maintain = `CREATE TEMP TABLE pg_inherits (inhrelid oid, inhparent oid);
    CREATE TEMP TABLE pg_class (oid oid, relname text);
    INSERT INTO pg_temp.pg_inherits VALUES (1, 'guarded.finished'::regclass);
    INSERT INTO pg_temp.pg_class VALUES (1, 'precious_1_1');
    GRANT SELECT ON pg_temp.pg_inherits, pg_temp.pg_class TO PUBLIC;
    SELECT guarded.maintain(1, 0, false)`
  const guest = new URL(url)
  guest.username = 'isobar_test_guest'
  await expect(query(guest.href, maintain)).rejects.toMatchObject({ code: '42501' })
  await query(url, `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA guarded TO isobar_test_guest`)
  await query(guest.href, maintain)
  expect(await query(url, `SELECT to_regclass('guarded.precious_1_1') IS NOT NULL AS there`)).toEqual([{ there: true }])
  await query(url, `DROP OWNED BY isobar_test_guest`)
  await query(url, `DROP ROLE isobar_test_guest`)
})

it('whoever comes first, the database is opened once, and closed with the broker', async () => {
  const broker = postgres(url, { schema: 'opened' })
  await Promise.all([broker.ready(), broker.migrate(), broker.send([spec()])])
  await broker[Symbol.asyncDispose]()
  const open = `SELECT query FROM pg_stat_activity WHERE application_name = 'isobar' AND datname = current_database()`
  expect(await query(url, open)).toEqual([])
})
