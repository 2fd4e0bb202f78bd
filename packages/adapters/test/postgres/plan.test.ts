import { postgres } from '@isobar/adapters/postgres'
import { Client } from 'pg'
import { afterAll, expect, it } from 'vitest'
import { claimStatement } from '../../src/postgres/deliveries.ts'
import { createDatabase, query } from '../database.ts'
import { spec, want } from './jobs.ts'

const database = await createDatabase()
const { url } = database
afterAll(() => database[Symbol.asyncDispose]())

const QUEUES = Array.from({ length: 12 }, (_, n) => `queue-${n}`)
const EACH = 10_000

/** Fills every priority of 12 queues with ready, delayed, expired and dead jobs, by SQL since that is faster. */
async function fill(schema: string): Promise<void> {
  await using broker = postgres(url, { schema })
  await broker.ready()
  const rows = (kind: string, state: string, due: string, count: number): string => `
    INSERT INTO ${schema}.job
      (own_id, queue, priority, due_at, place, first_due, enqueued_at, state, name, payload, dead_seq, reason, error, attempts)
    SELECT '${kind}-' || n, 'queue-' || n % 12, n / 12 % 3, ${due}, now(), now(), now(), '${state}', 'work',
      json_build_object('pad', repeat('x', 200)),
      CASE '${state}' WHEN 'dead' THEN nextval('${schema}.dead_seq') END,
      CASE '${state}' WHEN 'dead' THEN 'exhausted' END, CASE '${state}' WHEN 'dead' THEN '{"name":"Error","message":"x"}'::json END, 1
    FROM generate_series(1, ${count}) AS n`
  await query(url, rows('ready', 'queued', `now() - n * interval '1 ms'`, 4 * EACH))
  await query(url, rows('delayed', 'queued', `now() + n * interval '1 s'`, 4 * EACH))
  await query(url, rows('expired', 'running', `now() - interval '1 s'`, EACH))
  await query(url, rows('dead', 'dead', `'infinity'`, EACH))
}

/** The plans of what a function's statements do, by the server's own account. */
async function explain(text: string, values: readonly unknown[]): Promise<string> {
  const client = new Client(url)
  const plans: string[] = []
  client.on('notice', ({ message }) => plans.push(message ?? ''))
  await client.connect()
  try {
    await client.query(`LOAD 'auto_explain'`)
    await client.query(`SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
      SET auto_explain.log_analyze = on; SET client_min_messages = log`)
    await client.query(text, [...values])
    return plans.join('\n')
  } finally {
    await client.end()
  }
}

it('a claim stays on its index and reads no more rows than it takes, analysed or not, in a table full of all else', async () => {
  await fill('plan')
  for (const analysed of [false, true]) {
    if (analysed) await query(url, 'ANALYZE plan.job')
    const plan = await explain(claimStatement('plan'), [QUEUES, QUEUES.map(() => 50), 50, 30_000, 'w'])
    expect(plan).toContain('Index Scan using job_due on job q')
    expect(plan).toContain('Tid Scan on job j')
    expect(plan).not.toMatch(/Seq Scan on job|Bitmap|Sort/)
    const read = [...plan.matchAll(/Index Scan using job_due.*rows=(\d+)(?:\.\d+)? loops=(\d+)/g)]
    expect(read.length).toBeGreaterThan(0)
    for (const [, rows, loops] of read) expect(Number(rows) * Number(loops)).toBeLessThanOrEqual(50)
  }
}, 60_000)

it('settle, extend and the next due time stay on their indexes too', async () => {
  await fill('plans')
  await using broker = postgres(url, { schema: 'plans' })
  await broker.send([spec()])
  const deliveries = await broker.receive(want({ queues: QUEUES.map((name) => ({ name, max: 100 })), max: 100 }))
  const tokens = deliveries.map(({ token }) => token as { seq: string; delivery: number })
  const holds = [tokens.map(({ seq }) => seq), tokens.map(({ delivery }) => delivery)]
  const extended = await explain('SELECT * FROM plans.extend($1, $2, 30000)', holds)
  expect(extended).toContain('Index Scan using job_pkey')
  expect(extended).not.toMatch(/Seq Scan on job|Hash/)
  const nulls = Array.from({ length: 15 }, () => 'NULL').join(', ')
  const acked = await explain(
    `SELECT * FROM plans.settle($1, $2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, false, ${nulls})`,
    holds,
  )
  expect(acked).toContain('Index Scan using job_pkey')
  expect(acked).not.toMatch(/Seq Scan on job|Hash/)
  const due = await explain('SELECT plans.next_due($1)', [QUEUES])
  expect(due).toContain('using job_due')
  expect(due).not.toMatch(/Seq Scan on job|Sort/)
}, 60_000)
