import { LRUCache } from 'lru-cache'
import type {
  BounceCounts,
  BounceRecord,
  Campaign,
  DeliveryRecord,
  MailDatabase,
  MessageReference,
  Template,
} from '../resources.ts'
import type { SqlQuery } from './sql.ts'

/** Campaigns, and templates, that are held. */
const HELD = 100

/** For how long: a change shows after that, in ms. Every message asks for both. */
const HELD_MS = 5_000

/**
 * The platform's tables in SQL. Each call is one statement, and so all of it or nothing; one that is repeated after a
 * crash changes nothing: rows have the ids of the messages and of the jobs that they come from.
 */
export class SqlDatabase implements MailDatabase {
  readonly #query: SqlQuery
  readonly #schema: string
  readonly #campaigns: LRUCache<string, Campaign>
  readonly #templates: LRUCache<string, Template>

  /** The schema is that of the tables, `createMail` made it. */
  constructor(query: SqlQuery, schema: string) {
    this.#query = query
    this.#schema = schema
    this.#campaigns = new LRUCache({
      max: HELD,
      ttl: HELD_MS,
      fetchMethod: (id: string) =>
        this.#first<Campaign>(
          `SELECT id, tenant, name, from_name AS "fromName", from_address AS "fromAddress"
          FROM ${this.#schema}.campaign WHERE id = $1`,
          [id],
        ),
    })
    this.#templates = new LRUCache({
      max: HELD,
      ttl: HELD_MS,
      fetchMethod: (id: string) =>
        this.#first<Template>(
          `SELECT id, version, subject, text, html, attachments FROM ${this.#schema}.template WHERE id = $1`,
          [id],
        ),
    })
  }

  campaign(id: string): Promise<Campaign | undefined> {
    return this.#campaigns.fetch(id)
  }

  template(id: string): Promise<Template | undefined> {
    return this.#templates.fetch(id)
  }

  async saveMessage(message: MessageReference): Promise<void> {
    const { messageId, tenant, account, direction, type, from, to, subject } = message
    const { storageKey, attachments, status, receivedAt } = message
    await this.#query(
      `INSERT INTO ${this.#schema}.message VALUES ($1, $2, $3, $4, $5, $6, $7::json, $8, $9, $10::json, $11, $12)
      ON CONFLICT (message_id) DO UPDATE SET
        account = excluded.account, direction = excluded.direction, type = excluded.type,
        storage_key = excluded.storage_key, attachments = excluded.attachments`,
      [
        ...[messageId, tenant, account, direction, type, from, JSON.stringify(to), subject],
        ...[storageKey, JSON.stringify(attachments), status, receivedAt],
      ],
    )
  }

  message(messageId: string): Promise<MessageReference | undefined> {
    return this.#first<MessageReference>(
      `SELECT message_id AS "messageId", tenant, account, direction, type, sender AS "from", recipients AS "to", subject,
        storage_key AS "storageKey", attachments, status, received_at AS "receivedAt"
      FROM ${this.#schema}.message WHERE message_id = $1`,
      [messageId],
    )
  }

  async saveDelivery(delivery: DeliveryRecord): Promise<void> {
    const { messageId, campaign, recipient, address, status, providerId, response, at, bounceReason } = delivery
    await this.#query(
      `INSERT INTO ${this.#schema}.delivery VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
      ON CONFLICT (message_id) DO NOTHING`,
      [messageId, campaign, recipient, address, status, providerId ?? null, response ?? null, at, bounceReason ?? null],
    )
  }

  delivery(messageId: string): Promise<DeliveryRecord | undefined> {
    return this.#first<DeliveryRecord>(
      `SELECT message_id AS "messageId", campaign, recipient, address, status, provider_id AS "providerId", response, at,
        bounce_reason AS "bounceReason"
      FROM ${this.#schema}.delivery WHERE message_id = $1`,
      [messageId],
    )
  }

  async recordBounce({ messageId, type, reason, at, job }: BounceRecord): Promise<number> {
    const row = await this.#first<{ soft: number }>(
      `WITH counted AS (
        INSERT INTO ${this.#schema}.bounce (job, message_id, campaign, type, reason, at)
        SELECT $1, d.message_id, d.campaign, $3, $4, $5 FROM ${this.#schema}.delivery d WHERE d.message_id = $2
        ON CONFLICT (job) DO NOTHING
        RETURNING message_id, type
      ), marked AS (
        UPDATE ${this.#schema}.delivery d SET status = 'bounced', bounce_reason = $4
        FROM counted WHERE d.message_id = counted.message_id
        RETURNING d.address, counted.type
      ), raised AS (
        INSERT INTO ${this.#schema}.soft_bounces AS s
        SELECT address, 1 FROM marked WHERE type = 'soft'
        ON CONFLICT (address) DO UPDATE SET count = s.count + 1
        RETURNING s.count
      )
      SELECT coalesce(
        (SELECT count FROM raised),
        (SELECT s.count FROM ${this.#schema}.soft_bounces s JOIN ${this.#schema}.delivery d ON d.address = s.address
          WHERE d.message_id = $2)
      ) AS soft`,
      [job, messageId, type, reason, at],
    )
    return row?.soft ?? 0
  }

  async bounces(campaign: string): Promise<BounceCounts> {
    const row = await this.#first<BounceCounts>(
      `SELECT count(*) FILTER (WHERE type = 'hard')::integer AS hard, count(*) FILTER (WHERE type = 'soft')::integer AS soft
      FROM ${this.#schema}.bounce WHERE campaign = $1`,
      [campaign],
    )
    return row ?? { hard: 0, soft: 0 }
  }

  async suppress(address: string, reason: string): Promise<void> {
    await this.#query(
      `INSERT INTO ${this.#schema}.suppression VALUES ($1, $2)
      ON CONFLICT (address) DO UPDATE SET reason = excluded.reason`,
      [address, reason],
    )
  }

  async suppression(address: string): Promise<string | undefined> {
    const row = await this.#first<{ reason: string }>(
      `SELECT reason FROM ${this.#schema}.suppression WHERE address = $1`,
      [address],
    )
    return row?.reason
  }

  /** The first row, without the columns that hold nothing. */
  async #first<Row extends object>(text: string, values: unknown[]): Promise<Row | undefined> {
    const [row] = await this.#query<Row>(text, values)
    return row && (Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Row)
  }
}
