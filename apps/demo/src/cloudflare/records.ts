import type { D1Database } from '@cloudflare/workers-types'
import type { App, DeadReason } from '@isobar/core'
import { type Ledger, LedgerKeeper } from '../ledger.ts'

/** How long a job's record is kept, in ms. */
const RETAIN_MS = 14 * 86_400_000

/** Records over their time that one batch deletes, at most. */
const SWEPT = 100

/** Records that wait to be written, at most; then the oldest are given up. */
const MAX_WAITING = 10_000

/** Records that one transaction writes: a batch of the queue has no more. */
const CHUNK = 100

/** Where a job stands. */
interface JobRecord {
  readonly id: string
  readonly name: string
  readonly state: 'done' | 'waiting' | 'dead'
  readonly reason?: DeadReason
  readonly attempt: number
}

/**
 * Records of what became of jobs. Hooks collect them, and `flush` writes them once a batch: a batch that is repeated
 * writes the same once more.
 */
export class JobRecords {
  readonly #waiting = new Map<string, JobRecord>()

  /** Listens to an app. */
  watch(app: App<never>): void {
    app.hook('settle', ({ job: { id, name, attempt }, outcome }) => {
      // The letter is written first, and then told of.
      if (outcome.kind !== 'dead') this.#add({ id, name, attempt, state: outcome.kind === 'ack' ? 'done' : 'waiting' })
    })
    app.hook('dead', ({ job: { id, name, attempt }, reason }) =>
      this.#add({ id, name, attempt, state: 'dead', reason }),
    )
  }

  /** Writes what was collected, some of it if it is much. What cannot be written waits for the next time. */
  async flush(database: D1Database): Promise<void> {
    const records = [...this.#waiting.values()].slice(0, CHUNK * 2)
    for (const { id } of records) this.#waiting.delete(id)
    for (let from = 0; from < records.length; from += CHUNK)
      await this.#write(database, records.slice(from, from + CHUNK))
  }

  async #write(database: D1Database, records: readonly JobRecord[]): Promise<void> {
    const at = Date.now()
    const write = database.prepare(
      `INSERT INTO job_record VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET
        state = excluded.state, reason = excluded.reason, attempt = max(attempt, excluded.attempt), at = excluded.at`,
    )
    const sweep = database.prepare(
      `DELETE FROM job_record WHERE id IN (SELECT id FROM job_record WHERE at < ?1 ORDER BY at LIMIT ${SWEPT})`,
    )
    const writes = records.map(({ id, name, state, reason, attempt }) =>
      write.bind(id, name, state, reason ?? null, attempt, at),
    )
    await database.batch([...writes, sweep.bind(at - RETAIN_MS)]).catch((error: unknown) => {
      console.error('isobar demo: records of jobs could not be written; they wait for the next batch', error)
      for (const record of records) if (!this.#waiting.has(record.id)) this.#add(record)
    })
  }

  #add(record: JobRecord): void {
    this.#waiting.delete(record.id)
    this.#waiting.set(record.id, record)
    const [oldest] = this.#waiting.keys()
    if (this.#waiting.size > MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest)
  }
}

/** What became of all jobs that have a record. */
export async function readLedger(database: D1Database): Promise<{ readonly ledger: Ledger; readonly waiting: number }> {
  const { results } = await database
    .prepare(
      'SELECT state, reason, count(*) AS jobs, sum(attempt - 1) AS retried FROM job_record GROUP BY state, reason',
    )
    .all<{ state: JobRecord['state']; reason: DeadReason | null; jobs: number; retried: number }>()
  const ledger = new LedgerKeeper()
  let waiting = 0
  for (const { state, reason, jobs, retried } of results) {
    ledger.countRetried(retried)
    if (state === 'done') ledger.countDone(jobs)
    else if (state === 'waiting') waiting += jobs
    else ledger.countDead(reason ?? 'unreadable', jobs)
  }
  return { ledger: ledger.toLedger(), waiting }
}
