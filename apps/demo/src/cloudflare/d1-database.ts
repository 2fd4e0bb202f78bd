import type { D1Database } from '@cloudflare/workers-types'
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

/** Campaigns, and templates, that an isolate holds. */
const HELD = 100

/** For how long: a change shows after that, in ms. Every message asks for both. */
const HELD_MS = 5_000

const campaigns = new LRUCache<string, Campaign>({ max: HELD, ttl: HELD_MS })
const templates = new LRUCache<string, Template>({ max: HELD, ttl: HELD_MS })

/** A row, its lists as JSON. */
type Row<Value, Lists extends keyof Value> = Omit<Value, Lists> & Readonly<Record<Lists, string>>

/**
 * The platform's tables on D1. What must be all or nothing is one batch, which is a transaction; one that is repeated
 * changes nothing: rows have the ids of the messages and of the jobs that they come from.
 */
export class D1MailDatabase implements MailDatabase {
  readonly #database: D1Database

  constructor(database: D1Database) {
    this.#database = database
  }

  async campaign(id: string): Promise<Campaign | undefined> {
    const held = campaigns.get(id)
    if (held) return held
    const found = await this.#first<Campaign>(
      'SELECT id, tenant, name, from_name AS fromName, from_address AS fromAddress FROM campaign WHERE id = ?1',
      id,
    )
    if (found) campaigns.set(id, found)
    return found
  }

  async template(id: string): Promise<Template | undefined> {
    const held = templates.get(id)
    if (held) return held
    const row = await this.#first<Row<Template, 'attachments'>>('SELECT * FROM template WHERE id = ?1', id)
    if (!row) return undefined
    const found = { ...row, attachments: JSON.parse(row.attachments) }
    templates.set(id, found)
    return found
  }

  async saveMessage(message: MessageReference): Promise<void> {
    const { messageId, tenant, account, direction, type, from, to, subject } = message
    const { storageKey, attachments, status, receivedAt } = message
    await this.#run(
      `INSERT INTO message VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
      ON CONFLICT (message_id) DO UPDATE SET
        account = excluded.account, direction = excluded.direction, type = excluded.type,
        storage_key = excluded.storage_key, attachments = excluded.attachments`,
      ...[messageId, tenant, account, direction, type, from, JSON.stringify(to), subject],
      ...[storageKey, JSON.stringify(attachments), status, receivedAt],
    )
  }

  async message(messageId: string): Promise<MessageReference | undefined> {
    const row = await this.#first<Row<MessageReference, 'to' | 'attachments'>>(
      `SELECT message_id AS messageId, tenant, account, direction, type, sender AS "from", recipients AS "to", subject,
        storage_key AS storageKey, attachments, status, received_at AS receivedAt
      FROM message WHERE message_id = ?1`,
      messageId,
    )
    return row && { ...row, to: JSON.parse(row.to), attachments: JSON.parse(row.attachments) }
  }

  async saveDelivery(delivery: DeliveryRecord): Promise<void> {
    const { messageId, campaign, recipient, address, status, providerId, response, at, bounceReason } = delivery
    await this.#run(
      `INSERT INTO delivery VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (message_id) DO NOTHING`,
      ...[messageId, campaign, recipient, address, status, providerId ?? null, response ?? null, at],
      bounceReason ?? null,
    )
  }

  async delivery(messageId: string): Promise<DeliveryRecord | undefined> {
    const row = await this.#first<DeliveryRecord>(
      `SELECT message_id AS messageId, campaign, recipient, address, status, provider_id AS providerId, response, at,
        bounce_reason AS bounceReason
      FROM delivery WHERE message_id = ?1`,
      messageId,
    )
    return (
      row &&
      (Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as DeliveryRecord)
    )
  }

  async recordBounce({ messageId, type, reason, at, job }: BounceRecord): Promise<number> {
    const [, , counted] = await this.#database.batch<{ soft: number }>([
      this.#database
        .prepare(
          `INSERT INTO bounce (job, message_id, campaign, address, type, reason, at)
          SELECT ?1, message_id, campaign, address, ?3, ?4, ?5 FROM delivery WHERE message_id = ?2
          ON CONFLICT (job) DO NOTHING`,
        )
        .bind(job, messageId, type, reason, at),
      // The last one that was counted, whoever reports an old one once more.
      this.#database
        .prepare(
          `UPDATE delivery SET status = 'bounced',
            bounce_reason = (SELECT reason FROM bounce WHERE message_id = ?1 ORDER BY seq DESC LIMIT 1)
          WHERE message_id = ?1`,
        )
        .bind(messageId),
      this.#database
        .prepare(
          `SELECT count(*) AS soft FROM bounce
          WHERE type = 'soft' AND address = (SELECT address FROM delivery WHERE message_id = ?1)`,
        )
        .bind(messageId),
    ])
    return counted?.results[0]?.soft ?? 0
  }

  async bounces(campaign: string): Promise<BounceCounts> {
    const row = await this.#first<BounceCounts>(
      `SELECT count(*) FILTER (WHERE type = 'hard') AS hard, count(*) FILTER (WHERE type = 'soft') AS soft
      FROM bounce WHERE campaign = ?1`,
      campaign,
    )
    return row ?? { hard: 0, soft: 0 }
  }

  async suppress(address: string, reason: string): Promise<void> {
    await this.#run(
      'INSERT INTO suppression VALUES (?1, ?2) ON CONFLICT (address) DO UPDATE SET reason = excluded.reason',
      address,
      reason,
    )
  }

  async suppression(address: string): Promise<string | undefined> {
    const row = await this.#first<{ reason: string }>('SELECT reason FROM suppression WHERE address = ?1', address)
    return row?.reason
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
