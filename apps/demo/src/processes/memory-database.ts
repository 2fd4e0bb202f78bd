import type {
  BounceCounts,
  BounceRecord,
  Campaign,
  DeliveryRecord,
  MailDatabase,
  MessageReference,
  Template,
} from '../resources.ts'
import { DEFAULT_ROWS, Table } from './table.ts'

/** What a database holds from the start, and how much it keeps besides. */
export interface MemoryDatabaseOptions {
  readonly campaigns?: readonly Campaign[]
  readonly templates?: readonly Template[]
  /** Deliveries of days gone by. */
  readonly deliveries?: readonly DeliveryRecord[]
  /** Addresses to which nothing is sent, with the reason. */
  readonly suppressions?: readonly (readonly [address: string, reason: string])[]
  /** Rows of each table kept besides. Default 200. */
  readonly rows?: number
}

/** A bounce that was counted. */
interface BounceRow extends Pick<BounceRecord, 'type' | 'at'> {
  readonly campaign: string
}

const NO_BOUNCES: BounceCounts = { hard: 0, soft: 0 }

/** The platform's tables in memory, bounded: each keeps the rows used last. */
export class MemoryDatabase implements MailDatabase {
  readonly #campaigns: ReadonlyMap<string, Campaign>
  readonly #templates: ReadonlyMap<string, Template>
  readonly #messages: Table<MessageReference>
  readonly #deliveries: Table<DeliveryRecord>
  readonly #suppressions: Table<string>
  readonly #softBounces: Table<number>
  readonly #bounces: Table<BounceCounts>
  /** Jobs whose bounces were counted. */
  readonly #counted: Table<BounceRow>

  constructor(options: MemoryDatabaseOptions = {}) {
    const { campaigns = [], templates = [], deliveries = [], suppressions = [], rows = DEFAULT_ROWS } = options
    this.#campaigns = new Map(campaigns.map((campaign) => [campaign.id, campaign]))
    this.#templates = new Map(templates.map((template) => [template.id, template]))
    this.#messages = new Table(rows)
    this.#deliveries = new Table(
      rows,
      deliveries.map((delivery) => [delivery.messageId, delivery] as const),
    )
    this.#suppressions = new Table(rows, suppressions)
    this.#softBounces = new Table(rows)
    this.#counted = new Table(rows)
    this.#bounces = new Table(
      rows,
      campaigns.map(({ id }) => [id, NO_BOUNCES] as const),
    )
  }

  async campaign(id: string): Promise<Campaign | undefined> {
    return this.#campaigns.get(id)
  }

  async template(id: string): Promise<Template | undefined> {
    return this.#templates.get(id)
  }

  async saveMessage(message: MessageReference): Promise<void> {
    this.#messages.set(message.messageId, message)
  }

  async message(messageId: string): Promise<MessageReference | undefined> {
    return this.#messages.get(messageId)
  }

  async saveDelivery(delivery: DeliveryRecord): Promise<void> {
    if (this.#deliveries.get(delivery.messageId)) return
    this.#deliveries.set(delivery.messageId, delivery)
  }

  async delivery(messageId: string): Promise<DeliveryRecord | undefined> {
    return this.#deliveries.get(messageId)
  }

  async recordBounce({ messageId, type, reason, at, job }: BounceRecord): Promise<number> {
    const row = this.#deliveries.get(messageId)
    if (!row) return 0
    const softBounces = this.#softBounces.get(row.address) ?? 0
    if (this.#counted.get(job)) return softBounces
    this.#counted.set(job, { campaign: row.campaign, type, at })
    this.#deliveries.set(messageId, { ...row, status: 'bounced', bounceReason: reason })
    const counts = this.#bounces.get(row.campaign) ?? NO_BOUNCES
    this.#bounces.set(row.campaign, { ...counts, [type]: counts[type] + 1 })
    if (type === 'hard') return softBounces
    this.#softBounces.set(row.address, softBounces + 1)
    return softBounces + 1
  }

  async bounces(campaign: string): Promise<BounceCounts> {
    return this.#bounces.get(campaign) ?? NO_BOUNCES
  }

  /** What days are counted from: all deliveries that are kept. */
  deliveries(): Iterable<DeliveryRecord> {
    return this.#deliveries.values()
  }

  /** All bounces that are kept. */
  bounceRows(): Iterable<BounceRow> {
    return this.#counted.values()
  }

  /** Whose campaign it is. */
  tenantOf(campaign: string): string | undefined {
    return this.#campaigns.get(campaign)?.tenant
  }

  async suppress(address: string, reason: string): Promise<void> {
    this.#suppressions.set(address, reason)
  }

  async suppression(address: string): Promise<string | undefined> {
    return this.#suppressions.get(address)
  }
}
