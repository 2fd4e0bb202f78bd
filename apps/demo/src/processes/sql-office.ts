import {
  type Contact,
  type DailyFigures,
  type OfficeDatabase,
  type RejectedRow,
  toDayRange,
  type WarmUpPlan,
  type WarmUpRecord,
} from '../office.ts'
import type { SqlQuery } from './sql.ts'

const FIGURES = `tenant, day, sent, suppressed, rejected, hard_bounces AS "hardBounces", soft_bounces AS "softBounces", opens`

/** The platform's tables besides mail, in SQL. Each call is one statement, and so all of it or nothing. */
export class SqlOffice implements OfficeDatabase {
  readonly #query: SqlQuery
  readonly #schema: string

  /** The schema is that of the tables, `createMail` made it. */
  constructor(query: SqlQuery, schema: string) {
    this.#query = query
    this.#schema = schema
  }

  /** Puts a plan in place. */
  async saveWarmUpPlan({ tenant, account, address, peer, sequences }: WarmUpPlan): Promise<void> {
    await this.#query(
      `INSERT INTO ${this.#schema}.warm_up_plan VALUES ($1, $2, $3, $4, $5::json)
      ON CONFLICT (tenant, account) DO UPDATE SET
        address = excluded.address, peer = excluded.peer, sequences = excluded.sequences`,
      [tenant, account, address, peer, JSON.stringify(sequences)],
    )
  }

  async warmUpPlan(tenant: string, account: string): Promise<WarmUpPlan | undefined> {
    const [row] = await this.#query<WarmUpPlan>(
      `SELECT tenant, account, address, peer, sequences FROM ${this.#schema}.warm_up_plan
      WHERE tenant = $1 AND account = $2`,
      [tenant, account],
    )
    return row
  }

  async saveWarmUp({ job, tenant, account, type, step, at }: WarmUpRecord): Promise<void> {
    await this.#query(
      `INSERT INTO ${this.#schema}.warm_up (job, tenant, account, type, step, at) VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (job) DO NOTHING`,
      [job, tenant, account, type, step, at],
    )
  }

  async warmUp(job: string): Promise<WarmUpRecord | undefined> {
    const [row] = await this.#query<WarmUpRecord>(
      `SELECT tenant, account, type, step, job, at FROM ${this.#schema}.warm_up WHERE job = $1`,
      [job],
    )
    return row
  }

  async saveOpen(messageId: string, at: number): Promise<void> {
    await this.#query(`INSERT INTO ${this.#schema}.open VALUES ($1, $2) ON CONFLICT (message_id) DO NOTHING`, [
      messageId,
      at,
    ])
  }

  async aggregate(tenant: string, day: string): Promise<DailyFigures> {
    const { from, to } = toDayRange(day)
    const [row] = await this.#query<DailyFigures>(
      `WITH ended AS (
        SELECT d.status FROM ${this.#schema}.delivery d JOIN ${this.#schema}.campaign c ON c.id = d.campaign
        WHERE c.tenant = $1 AND d.at >= $3 AND d.at < $4
      ), bounced AS (
        SELECT b.type FROM ${this.#schema}.bounce b JOIN ${this.#schema}.campaign c ON c.id = b.campaign
        WHERE c.tenant = $1 AND b.at >= $3 AND b.at < $4
      ), opened AS (
        SELECT o.message_id FROM ${this.#schema}.open o
        JOIN ${this.#schema}.delivery d ON d.message_id = o.message_id
        JOIN ${this.#schema}.campaign c ON c.id = d.campaign
        WHERE c.tenant = $1 AND o.at >= $3 AND o.at < $4
      )
      INSERT INTO ${this.#schema}.daily_figures
      SELECT $1, $2,
        (SELECT count(*) FROM ended WHERE status IN ('sent', 'bounced')),
        (SELECT count(*) FROM ended WHERE status = 'suppressed'),
        (SELECT count(*) FROM ended WHERE status = 'rejected'),
        (SELECT count(*) FROM bounced WHERE type = 'hard'),
        (SELECT count(*) FROM bounced WHERE type = 'soft'),
        (SELECT count(*) FROM opened)
      ON CONFLICT (tenant, day) DO UPDATE SET
        sent = excluded.sent, suppressed = excluded.suppressed, rejected = excluded.rejected,
        hard_bounces = excluded.hard_bounces, soft_bounces = excluded.soft_bounces, opens = excluded.opens
      RETURNING ${FIGURES}`,
      [tenant, day, from, to],
    )
    return row as DailyFigures
  }

  async figures(tenant: string, day: string): Promise<DailyFigures | undefined> {
    const [row] = await this.#query<DailyFigures>(
      `SELECT ${FIGURES} FROM ${this.#schema}.daily_figures WHERE tenant = $1 AND day = $2`,
      [tenant, day],
    )
    return row
  }

  async saveContacts(tenant: string, contacts: readonly Contact[]): Promise<void> {
    await this.#query(
      `INSERT INTO ${this.#schema}.contact
      SELECT $1, c.address, c.name, c.locale
      FROM json_to_recordset($2::json) AS c (address text, name text, locale text)
      ORDER BY c.address
      ON CONFLICT (tenant, address) DO UPDATE SET name = excluded.name, locale = excluded.locale`,
      [tenant, JSON.stringify(contacts)],
    )
  }

  async contact(tenant: string, address: string): Promise<Contact | undefined> {
    const [row] = await this.#query<Contact>(
      `SELECT address, name, locale FROM ${this.#schema}.contact WHERE tenant = $1 AND address = $2`,
      [tenant, address],
    )
    return row
  }

  async saveRejectedRows(job: string, rows: readonly RejectedRow[]): Promise<void> {
    await this.#query(
      `INSERT INTO ${this.#schema}.rejected_row
      SELECT $1, r.line, r."row", r.reason FROM json_to_recordset($2::json) AS r (line integer, "row" text, reason text)
      ON CONFLICT (job, line) DO UPDATE SET "row" = excluded."row", reason = excluded.reason`,
      [job, JSON.stringify(rows)],
    )
  }

  rejectedRows(job: string): Promise<readonly RejectedRow[]> {
    return this.#query<RejectedRow>(
      `SELECT line, "row", reason FROM ${this.#schema}.rejected_row WHERE job = $1 ORDER BY line`,
      [job],
    )
  }
}
