import {
  type Contact,
  type DailyFigures,
  type OfficeDatabase,
  type RejectedRow,
  toDayRange,
  type WarmUpPlan,
  type WarmUpRecord,
} from '../office.ts'
import type { MemoryDatabase } from './memory-database.ts'
import { DEFAULT_ROWS, Table } from './table.ts'

/** What an office holds from the start, and how much it keeps besides. */
export interface MemoryOfficeOptions {
  readonly plans?: readonly WarmUpPlan[]
  /** Rows of each table kept besides. Default 200. */
  readonly rows?: number
}

/** The platform's tables besides mail in memory, bounded: each keeps the rows used last. */
export class MemoryOffice implements OfficeDatabase {
  readonly #mail: MemoryDatabase
  readonly #plans: ReadonlyMap<string, WarmUpPlan>
  readonly #warmUps: Table<WarmUpRecord>
  readonly #opens: Table<{ readonly messageId: string; readonly at: number }>
  readonly #figures: Table<DailyFigures>
  readonly #contacts: Table<Contact>
  readonly #rejected: Table<{ readonly job: string } & RejectedRow>

  /** `mail` is what days are counted from. */
  constructor(mail: MemoryDatabase, { plans = [], rows = DEFAULT_ROWS }: MemoryOfficeOptions = {}) {
    this.#mail = mail
    this.#plans = new Map(plans.map((plan) => [toKey(plan.tenant, plan.account), plan]))
    this.#warmUps = new Table(rows)
    this.#opens = new Table(rows)
    this.#figures = new Table(rows)
    this.#contacts = new Table(rows)
    this.#rejected = new Table(rows)
  }

  /** Contacts, and rows that were refused, that are kept. */
  get sizes(): { readonly contacts: number; readonly rejected: number } {
    return { contacts: this.#contacts.size, rejected: this.#rejected.size }
  }

  async warmUpPlan(tenant: string, account: string): Promise<WarmUpPlan | undefined> {
    return this.#plans.get(toKey(tenant, account))
  }

  async saveWarmUp(record: WarmUpRecord): Promise<void> {
    if (!this.#warmUps.get(record.job)) this.#warmUps.set(record.job, record)
  }

  async warmUp(job: string): Promise<WarmUpRecord | undefined> {
    return this.#warmUps.get(job)
  }

  async saveOpen(messageId: string, at: number): Promise<void> {
    if (!this.#opens.get(messageId)) this.#opens.set(messageId, { messageId, at })
  }

  async aggregate(tenant: string, day: string): Promise<DailyFigures> {
    const { from, to } = toDayRange(day)
    const isOfDay = ({ at }: { readonly at: number }) => at >= from && at < to
    const isOfTenant = ({ campaign }: { readonly campaign: string }) => this.#mail.tenantOf(campaign) === tenant
    const deliveries = [...this.#mail.deliveries()].filter(isOfTenant)
    const ended = deliveries.filter(isOfDay)
    const bounces = [...this.#mail.bounceRows()].filter((row) => isOfDay(row) && isOfTenant(row))
    const ids = new Set(deliveries.map(({ messageId }) => messageId))
    const figures = {
      tenant,
      day,
      sent: ended.filter(({ status }) => status === 'sent' || status === 'bounced').length,
      suppressed: ended.filter(({ status }) => status === 'suppressed').length,
      rejected: ended.filter(({ status }) => status === 'rejected').length,
      hardBounces: bounces.filter(({ type }) => type === 'hard').length,
      softBounces: bounces.filter(({ type }) => type === 'soft').length,
      opens: [...this.#opens.values()].filter((open) => isOfDay(open) && ids.has(open.messageId)).length,
    }
    this.#figures.set(toKey(tenant, day), figures)
    return figures
  }

  async figures(tenant: string, day: string): Promise<DailyFigures | undefined> {
    return this.#figures.get(toKey(tenant, day))
  }

  async saveContacts(tenant: string, contacts: readonly Contact[]): Promise<void> {
    for (const contact of contacts) this.#contacts.set(toKey(tenant, contact.address), contact)
  }

  async contact(tenant: string, address: string): Promise<Contact | undefined> {
    return this.#contacts.get(toKey(tenant, address))
  }

  async saveRejectedRows(job: string, rows: readonly RejectedRow[]): Promise<void> {
    for (const row of rows) this.#rejected.set(toKey(job, String(row.line)), { job, ...row })
  }

  async rejectedRows(job: string): Promise<readonly RejectedRow[]> {
    return [...this.#rejected.values()]
      .filter((row) => row.job === job)
      .map(({ line, row, reason }) => ({ line, row, reason }))
      .sort((a, b) => a.line - b.line)
  }
}

function toKey(...parts: readonly string[]): string {
  return JSON.stringify(parts)
}
