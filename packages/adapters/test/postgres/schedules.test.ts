import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { cron } from '@isobar/adapters/node'
import { embedded, type PostgresBroker, postgres } from '@isobar/adapters/postgres'
import { createApp, defineJob, type MissedTicks, type Ticks } from '@isobar/core'
import { createScheduler } from '@isobar/core/worker'
import { afterAll, expect, test } from 'vitest'
import { createDatabase, query } from '../database.ts'
import { spec, want } from './jobs.ts'

const database = await createDatabase()
const { url } = database
afterAll(() => database[Symbol.asyncDispose]())

/** Half an hour ago, and so each hour before and after: no test comes to a tick of its own. */
const last = Math.floor(Date.now() / 60_000) * 60_000 - 1_800_000
const HOURLY = `${new Date(last).getUTCMinutes()} * * * *`

/** How often the database is looked at for what somebody else is to write, in ms. */
const LOOK_MS = 20

const ticksOf = (broker: PostgresBroker): Ticks => broker.ticks as Ticks

const report = defineJob<{ readonly kind: string }>({ name: 'report', queue: 'reports' })

/** The schedule of an app. */
const schedulesOf = (expression: string, missed: MissedTicks) =>
  createApp().schedule(report, expression, { data: { kind: 'hourly' }, missed }).schedules

test('senders on connections of their own: one job a tick, in order', async () => {
  const brokers = Array.from({ length: 4 }, () => postgres(url, { schema: 'raced', connections: 3 }))
  const sent: number[] = []
  const sender = async (broker: PostgresBroker): Promise<void> => {
    for (let tick = 1; tick <= 30; tick++) if (await ticksOf(broker).send('s', tick, spec())) sent.push(tick)
  }
  await Promise.all(brokers.flatMap((broker) => [sender(broker), sender(broker)]))
  expect(sent).toEqual(Array.from({ length: 30 }, (_, at) => at + 1))
  expect(await query(url, 'SELECT count(*)::int AS jobs FROM raced.job')).toEqual([{ jobs: 30 }])
  for (const broker of brokers) await broker[Symbol.asyncDispose]()
})

test('a job that the database refuses leaves no record of its tick', async () => {
  await using broker = postgres(url, { schema: 'refused' })
  await broker.ready()
  await query(url, `ALTER TABLE refused.job ADD CHECK (name <> 'refused')`)
  const ticks = ticksOf(broker)
  expect(await ticks.send('s', last, spec())).toBe(true)
  await expect(ticks.send('s', last + 1, spec({ name: 'refused' }))).rejects.toMatchObject({ code: 'DATABASE' })
  await expect(ticks.send('new', last, spec({ name: 'refused' }))).rejects.toMatchObject({ code: 'DATABASE' })
  expect(await ticks.last('s')).toBe(last)
  expect(await query(url, 'SELECT name FROM refused.schedule')).toEqual([{ name: 's' }])
})

test('the job of a tick wakes a worker in another process', async () => {
  await using worker = postgres(url, { schema: 'woken', poll: '1h' })
  await using sender = postgres(url, { schema: 'woken' })
  const first = worker.receive(want({ waitMs: 30_000 }))
  for (;;) {
    const [row] = await query(url, 'SELECT FROM pg_stat_activity WHERE query = $1', ['LISTEN "isobar_woken"'])
    if (row) break
  }
  await ticksOf(sender).send('s', last, spec())
  expect(await first).toHaveLength(1)
})

test('a name that fits into no index is refused, and names the schedule', async () => {
  await using broker = postgres(url, { schema: 'named' })
  const ticks = ticksOf(broker)
  for (const name of [`long ${'x'.repeat(600)}`, 'n\u0000ul']) {
    await expect(ticks.last(name)).rejects.toMatchObject({
      code: 'OPTION',
      message: expect.stringContaining('schedule'),
    })
    await expect(ticks.send(name, 1, spec())).rejects.toMatchObject({ code: 'OPTION' })
  }
  expect(await ticks.send('漢'.repeat(600), 1, spec())).toBe(true)
})

test.each<[MissedTicks, number]>([
  ['skip', 0],
  ['once', 1],
  ['all', 3],
])('missed: %s, after a downtime of three ticks and with many schedulers at once: %i jobs', async (missed, jobs) => {
  const schema = `missed_${missed}`
  const schedules = schedulesOf(HOURLY, missed)
  const brokers = Array.from({ length: 3 }, () => postgres(url, { schema, connections: 3 }))
  const [first] = brokers as [PostgresBroker]
  const firstRun = createScheduler(first, schedules, { cron })
  await first.ready()
  for (;;) {
    const known = await query(url, `SELECT name FROM ${schema}.schedule`)
    if (known.length === (missed === 'skip' ? 1 : 2)) break
  }
  firstRun.stop()
  // As if it had run three hours ago.
  await query(url, `UPDATE ${schema}.schedule SET last_tick = to_timestamp($1)`, [last / 1_000 - 3 * 3_600])
  const errors: unknown[] = []
  const runs = brokers.map((broker) => createScheduler(broker, schedules, { cron, onError: (e) => errors.push(e) }))
  while (jobs > 0 && (await ticksOf(first).last('report')) < last) await delay(LOOK_MS)
  for (const run of runs) run.stop()
  for (const broker of brokers) await broker[Symbol.asyncDispose]()
  expect(errors).toEqual([])
  expect(await query(url, `SELECT count(*)::int AS jobs FROM ${schema}.job`)).toEqual([{ jobs }])
})

test('connections that are cut all the time: each second has one job, whoever enqueued it', async () => {
  const schema = 'cut'
  const brokers = Array.from({ length: 3 }, () => postgres(url, { schema, connections: 2, listen: false }))
  await brokers[0]?.ready()
  // What is recorded and what is enqueued, as the database saw it.
  await query(
    url,
    `CREATE TABLE cut.seen (tick timestamptz);
    CREATE FUNCTION cut.see() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO cut.seen VALUES (NEW.last_tick); RETURN NEW; END';
    CREATE TRIGGER see BEFORE UPDATE ON cut.schedule FOR EACH ROW
      WHEN (NEW.last_tick <> OLD.last_tick) EXECUTE FUNCTION cut.see();`,
  )
  const runs = brokers.map((broker) =>
    createScheduler(broker, schedulesOf('* * * * * *', 'all'), { cron, onError: () => {} }),
  )
  let cut = 0
  const started = Date.now()
  while (Date.now() < started + 5_000) {
    const ended = await query(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'isobar' AND datname = current_database() AND random() < 0.3`,
    )
    cut += ended.length
    await delay(LOOK_MS)
  }
  const end = Math.floor(Date.now() / 1_000) * 1_000
  while ((await ticksOf(brokers[0] as PostgresBroker).last('report')) < end) await delay(LOOK_MS)
  for (const run of runs) run.stop()
  for (const broker of brokers) await broker[Symbol.asyncDispose]()

  const seen = await query<{ at: number }>(
    url,
    'SELECT extract(epoch FROM tick)::int AS at FROM cut.seen ORDER BY tick',
  )
  const [{ jobs } = { jobs: 0 }] = await query<{ jobs: number }>(url, 'SELECT count(*)::int AS jobs FROM cut.job')
  const first = seen[0]?.at ?? 0
  expect(seen.map(({ at }) => at - first)).toEqual(seen.map((_, at) => at))
  expect([jobs, jobs >= 5]).toEqual([seen.length, true])
  expect(cut).toBeGreaterThan(0)
})

test('the record of the embedded engine outlives its process', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-schedules-'))
  try {
    const before = embedded(folder)
    expect(await ticksOf(before).send('s', last, spec())).toBe(true)
    await before[Symbol.asyncDispose]()
    await using after = embedded(folder)
    expect(await ticksOf(after).last('s')).toBe(last)
    expect([await ticksOf(after).send('s', last, spec()), await ticksOf(after).send('s', last + 1, spec())]).toEqual([
      false,
      true,
    ])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
