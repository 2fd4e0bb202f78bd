import type { Broker } from '@isobar/core'
import { DemoOptionError, DemoRunError } from '../errors.ts'
import { ARCHIVE, CAMPAIGNS, SUPPRESSIONS, TEMPLATES } from '../fixtures.ts'
import { NO_COUNTS } from '../ledger.ts'
import { WARM_UP_PLANS } from '../office-fixtures.ts'
import { DEFAULT_JOBS, DEFAULT_SEED } from '../trace.ts'
import type { Send } from './engine.ts'
import { ENDLESS, type OpenJob, type Progress, type Run, type WantedRun } from './run.ts'
import { type Sql, type SqlQuery, type SqlTransaction, toQuery } from './sql.ts'
import { SqlDatabase } from './sql-database.ts'
import { SqlOffice } from './sql-office.ts'
import { createMail, emptyEngine, MAIL_VERSION, toMailSchema } from './sql-schema.ts'

/** An engine that keeps jobs and tables in one database. */
export interface SqlEngine {
  readonly sql: Sql
  readonly broker: Broker
  /** The broker's. The platform's tables have one of their own, beside it. */
  readonly schema: string
  /** Where jobs go instead: then how far the trace was fed is all that is known here of the run. */
  readonly send?: Send | undefined
}

/** The row of `run`. */
interface RunRow {
  readonly version: number
  readonly jobs: number
  readonly seed: number
  readonly starts: number
}

/**
 * Goes on with the run that the database holds, or begins one when there is none, when it is complete or when a fresh
 * one is wanted. The broker must have been made ready.
 *
 * What makes it exact whenever the process is killed:
 * - A wave of jobs and how far the trace was fed are written in one transaction.
 * - The ledger is counted from what the engine keeps of its jobs; the engine moves a job and what became of it in one
 *   statement. Nothing that a process has counted in its memory goes into it.
 * - A run begins in one transaction: there is the one before, or the new one.
 *
 * @throws {DemoOptionError} when another trace is asked for than that of the run.
 * @throws {DemoRunError} when the run cannot be gone on with.
 */
export async function openSqlRun(engine: SqlEngine, wanted: WantedRun): Promise<Run> {
  return (wanted.fresh ? undefined : await resume(engine, wanted)) ?? begin(engine, wanted)
}

async function resume(engine: SqlEngine, wanted: WantedRun): Promise<Run | undefined> {
  const { sql, schema } = engine
  const mail = toMailSchema(schema)
  const [found] = await sql.query<{ run: string | null }>('SELECT to_regclass($1)::text AS run', [`${mail}.run`])
  if (!found?.run) return undefined
  const [row] = await sql.query<RunRow>(`SELECT * FROM ${mail}.run`)
  if (!row) return undefined
  if (row.version !== MAIL_VERSION)
    throw new DemoRunError('the run was begun by another version of the demo; start with --fresh')
  const from = await readProgress(sql.query, schema)
  const { jobs, seed } = row
  if (from.fed === jobs && from.open.length === 0) return undefined
  assertWanted(row, wanted)
  const { done, dead } = from.counts
  const known = Object.values(dead).reduce((sum, count) => sum + count, done) + from.open.length
  // Of a run without end finished jobs are kept for a while only, and none are counted.
  if (jobs !== ENDLESS && known < from.fed) {
    throw new DemoRunError(
      `the engine knows ${known} of the run's ${from.fed} jobs: others were deleted, or are past their retention; start with --fresh`,
    )
  }
  await sql.query(`UPDATE ${mail}.run SET starts = starts + 1`)
  return toRun(engine, { jobs, seed, starts: row.starts + 1, from })
}

async function begin(engine: SqlEngine, wanted: WantedRun): Promise<Run> {
  const { jobs = DEFAULT_JOBS, seed = DEFAULT_SEED } = wanted
  const mail = toMailSchema(engine.schema)
  await engine.sql.transaction(async (tx) => {
    const query = toQuery(tx)
    for (const statement of [emptyEngine(engine.schema), ...createMail(mail)]) await query(statement)
    await fill(query, mail)
    await query(`INSERT INTO ${mail}.run (version, jobs, seed) VALUES ($1, $2, $3)`, [MAIL_VERSION, jobs, seed])
  })
  const from = { fed: 0, counts: NO_COUNTS, crashed: { jobs: 0, times: 0 }, open: [] }
  return toRun(engine, { jobs, seed, starts: 1, from })
}

/** What the trace's jobs name. */
async function fill(query: SqlQuery, mail: string): Promise<void> {
  const database = new SqlDatabase(query, mail)
  for (const { id, tenant, name, fromName, fromAddress } of CAMPAIGNS) {
    await query(`INSERT INTO ${mail}.campaign VALUES ($1, $2, $3, $4, $5)`, [id, tenant, name, fromName, fromAddress])
  }
  for (const { id, version, subject, text, html, attachments } of TEMPLATES) {
    await query(`INSERT INTO ${mail}.template VALUES ($1, $2, $3, $4, $5, $6::json)`, [
      ...[id, version, subject, text, html],
      JSON.stringify(attachments),
    ])
  }
  for (const delivery of ARCHIVE) await database.saveDelivery(delivery)
  for (const [address, reason] of SUPPRESSIONS) await database.suppress(address, reason)
  const office = new SqlOffice(query, mail)
  for (const plan of WARM_UP_PLANS) await office.saveWarmUpPlan(plan)
}

function toRun({ sql, broker, schema, send }: SqlEngine, known: Omit<Run, 'feed' | 'read'>): Run {
  return {
    ...known,
    feed: (specs, fed) =>
      sql.transaction(async (tx: SqlTransaction) => {
        await (send ? send(specs) : broker.send(specs, { tx }))
        await tx.query(`UPDATE ${toMailSchema(schema)}.run SET fed = $1`, [fed])
      }),
    ...(!send && { read: () => readProgress(sql.query, schema) }),
  }
}

/** In one statement: all of it is of the same moment. */
async function readProgress(query: SqlQuery, schema: string): Promise<Progress> {
  const [row] = await query<{
    readonly fed: number
    readonly done: number
    readonly retried: number
    readonly dead: Progress['counts']['dead']
    readonly crashedJobs: number
    readonly crashes: number
    readonly open: readonly OpenJob[]
  }>(
    `WITH known AS (
      SELECT id, state, reason, attempt, crashes, due_at > now() AS waits FROM ${schema}.job
      UNION ALL
      SELECT id, state, NULL, attempt, crashes, false FROM ${schema}.finished
    ), dead AS (
      SELECT reason, count(*) AS jobs FROM known WHERE state = 'dead' GROUP BY reason
    )
    SELECT
      (SELECT fed FROM ${toMailSchema(schema)}.run) AS fed,
      count(*) FILTER (WHERE state = 'done')::integer AS done,
      coalesce(sum(attempt - 1), 0)::integer AS retried,
      (SELECT coalesce(json_object_agg(reason, jobs), '{}') FROM dead) AS dead,
      count(*) FILTER (WHERE crashes > 0)::integer AS "crashedJobs",
      coalesce(sum(crashes), 0)::integer AS crashes,
      coalesce(
        json_agg(json_build_object('id', id, 'attempt', attempt, 'waits', waits))
          FILTER (WHERE state IN ('queued', 'running')),
        '[]'
      ) AS open
    FROM known`,
  )
  if (!row) throw new DemoRunError('the engine tells nothing of the run; start with --fresh')
  const { fed, done, retried, dead, crashedJobs, crashes, open } = row
  return { fed, counts: { done, retried, dead }, crashed: { jobs: crashedJobs, times: crashes }, open }
}

function assertWanted(run: RunRow, wanted: WantedRun): void {
  if ((run.jobs === ENDLESS) !== (wanted.jobs === ENDLESS))
    throw new DemoOptionError(
      run.jobs === ENDLESS
        ? 'a platform is served from here; leave --jobs away, or begin a run of jobs anew with --fresh'
        : `there is a run of ${run.jobs} jobs to go on with; start it with --jobs ${run.jobs}, or serve the platform with --fresh`,
    )
  for (const name of ['jobs', 'seed'] as const) {
    const asked = wanted[name]
    if (asked === undefined || asked === run[name]) continue
    throw new DemoOptionError(
      `there is a run of ${run.jobs} jobs with seed ${run.seed} to go on with; leave --${name} ${asked} away, or add --fresh`,
    )
  }
}
