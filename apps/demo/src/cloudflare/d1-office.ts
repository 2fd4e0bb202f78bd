import type { D1Database } from '@cloudflare/workers-types'
import {
  type Contact,
  type DailyFigures,
  type OfficeDatabase,
  type RejectedRow,
  toDayRange,
  type WarmUpPlan,
  type WarmUpRecord,
} from '../office.ts'

const FIGURES =
  'tenant, day, sent, suppressed, rejected, hard_bounces AS hardBounces, soft_bounces AS softBounces, opens'

/** The platform's tables besides mail, on D1. Each call is one statement, and so all of it or nothing. */
export class D1Office implements OfficeDatabase {
  readonly #database: D1Database

  constructor(database: D1Database) {
    this.#database = database
  }

  async warmUpPlan(tenant: string, account: string): Promise<WarmUpPlan | undefined> {
    const row = await this.#first<Omit<WarmUpPlan, 'sequences'> & { readonly sequences: string }>(
      'SELECT * FROM warm_up_plan WHERE tenant = ?1 AND account = ?2',
      tenant,
      account,
    )
    return row && { ...row, sequences: JSON.parse(row.sequences) }
  }

  async saveWarmUp({ job, tenant, account, type, step, at }: WarmUpRecord): Promise<void> {
    await this.#run(
      'INSERT INTO warm_up (job, tenant, account, type, step, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (job) DO NOTHING',
      ...[job, tenant, account, type, step, at],
    )
  }

  warmUp(job: string): Promise<WarmUpRecord | undefined> {
    return this.#first('SELECT tenant, account, type, step, job, at FROM warm_up WHERE job = ?1', job)
  }

  async saveOpen(messageId: string, at: number): Promise<void> {
    await this.#run('INSERT INTO open VALUES (?1, ?2) ON CONFLICT (message_id) DO NOTHING', messageId, at)
  }

  async aggregate(tenant: string, day: string): Promise<DailyFigures> {
    const { from, to } = toDayRange(day)
    const row = await this.#first<DailyFigures>(
      `INSERT INTO daily_figures
      WITH ended AS (
        SELECT d.status FROM delivery d JOIN campaign c ON c.id = d.campaign
        WHERE c.tenant = ?1 AND d.at >= ?3 AND d.at < ?4
      ), bounced AS (
        SELECT b.type FROM bounce b JOIN campaign c ON c.id = b.campaign
        WHERE c.tenant = ?1 AND b.at >= ?3 AND b.at < ?4
      ), opened AS (
        SELECT o.message_id FROM open o
        JOIN delivery d ON d.message_id = o.message_id
        JOIN campaign c ON c.id = d.campaign
        WHERE c.tenant = ?1 AND o.at >= ?3 AND o.at < ?4
      )
      SELECT ?1, ?2,
        (SELECT count(*) FROM ended WHERE status IN ('sent', 'bounced')),
        (SELECT count(*) FROM ended WHERE status = 'suppressed'),
        (SELECT count(*) FROM ended WHERE status = 'rejected'),
        (SELECT count(*) FROM bounced WHERE type = 'hard'),
        (SELECT count(*) FROM bounced WHERE type = 'soft'),
        (SELECT count(*) FROM opened)
      WHERE true
      ON CONFLICT (tenant, day) DO UPDATE SET
        sent = excluded.sent, suppressed = excluded.suppressed, rejected = excluded.rejected,
        hard_bounces = excluded.hard_bounces, soft_bounces = excluded.soft_bounces, opens = excluded.opens
      RETURNING ${FIGURES}`,
      ...[tenant, day, from, to],
    )
    return row as DailyFigures
  }

  figures(tenant: string, day: string): Promise<DailyFigures | undefined> {
    return this.#first(`SELECT ${FIGURES} FROM daily_figures WHERE tenant = ?1 AND day = ?2`, tenant, day)
  }

  async saveContacts(tenant: string, contacts: readonly Contact[]): Promise<void> {
    await this.#run(
      `INSERT INTO contact
      SELECT ?1, value ->> 'address', value ->> 'name', value ->> 'locale' FROM json_each(?2) WHERE true
      ON CONFLICT (tenant, address) DO UPDATE SET name = excluded.name, locale = excluded.locale`,
      tenant,
      JSON.stringify(contacts),
    )
  }

  contact(tenant: string, address: string): Promise<Contact | undefined> {
    return this.#first('SELECT address, name, locale FROM contact WHERE tenant = ?1 AND address = ?2', tenant, address)
  }

  async saveRejectedRows(job: string, rows: readonly RejectedRow[]): Promise<void> {
    await this.#run(
      `INSERT INTO rejected_row
      SELECT ?1, value ->> 'line', value ->> 'row', value ->> 'reason' FROM json_each(?2) WHERE true
      ON CONFLICT (job, line) DO UPDATE SET "row" = excluded."row", reason = excluded.reason`,
      job,
      JSON.stringify(rows),
    )
  }

  async rejectedRows(job: string): Promise<readonly RejectedRow[]> {
    const { results } = await this.#database
      .prepare('SELECT line, "row", reason FROM rejected_row WHERE job = ?1 ORDER BY line')
      .bind(job)
      .all<RejectedRow>()
    return results
  }

  async #run(sql: string, ...values: readonly unknown[]): Promise<void> {
    await this.#database
      .prepare(sql)
      .bind(...values)
      .run()
  }

  async #first<Value>(sql: string, ...values: readonly unknown[]): Promise<Value | undefined> {
    const row = await this.#database
      .prepare(sql)
      .bind(...values)
      .first<Value>()
    return row ?? undefined
  }
}
