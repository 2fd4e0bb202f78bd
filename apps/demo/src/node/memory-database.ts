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

interface DeliveryRow extends DeliveryRecord {
  /** The job whose bounce was counted last. */
  readonly bounceJob?: string
}

/** The platform's tables in memory, bounded: each keeps the rows used last. */
export class MemoryDatabase implements MailDatabase {
  readonly #campaigns: ReadonlyMap<string, Campaign>
  readonly #templates: ReadonlyMap<string, Template>
  readonly #messages: Table<MessageReference>
  readonly #deliveries: Table<DeliveryRow>
  readonly #suppressions: Table<string>
  readonly #softBounces: Table<number>
  readonly #bounces: Table<BounceCounts>

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
    this.#bounces = new Table(
      rows,
      campaigns.map(({ id }) => [id, { hard: 0, soft: 0 }] as const),
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
    this.#deliveries.set(delivery.messageId, delivery)
  }

  async delivery(messageId: string): Promise<DeliveryRecord | undefined> {
    const row = this.#deliveries.get(messageId)
    if (!row) return undefined
    const { bounceJob: _, ...delivery } = row
    return delivery
  }

  async recordBounce({ messageId, type, reason, job }: BounceRecord): Promise<number> {
    const row = this.#deliveries.get(messageId)
    if (!row) return 0
    const softBounces = this.#softBounces.get(row.address) ?? 0
    if (row.bounceJob === job) return softBounces
    this.#deliveries.set(messageId, { ...row, status: 'bounced', bounceReason: reason, bounceJob: job })
    const counts = await this.bounces(row.campaign)
    this.#bounces.set(row.campaign, { ...counts, [type]: counts[type] + 1 })
    if (type === 'hard') return softBounces
    this.#softBounces.set(row.address, softBounces + 1)
    return softBounces + 1
  }

  async bounces(campaign: string): Promise<BounceCounts> {
    return this.#bounces.get(campaign) ?? { hard: 0, soft: 0 }
  }

  async suppress(address: string, reason: string): Promise<void> {
    this.#suppressions.set(address, reason)
  }

  async suppression(address: string): Promise<string | undefined> {
    return this.#suppressions.get(address)
  }
}
