import { defineResource, type Resource } from '@isobar/core'

/** Kinds of warm-up: somebody writes to the account, it writes, its mail is opened. */
export const WARM_UP_TYPES = ['inbound', 'outbound', 'engagement'] as const

/** A kind of warm-up. */
export type WarmUpType = (typeof WARM_UP_TYPES)[number]

/** One step of a warm-up. */
export interface WarmUpStep {
  /** How long after this one the next is done, in ms. */
  readonly nextMs: number
  /** What the step's message is about. */
  readonly subject: string
  /** Of an engagement: ids of the messages that are opened. */
  readonly opens: readonly string[]
}

/** How an account is made known to mailbox providers, step by step, so that they take its mail. */
export interface WarmUpPlan {
  readonly tenant: string
  readonly account: string
  /** The account's address. */
  readonly address: string
  /** The address that it writes to and that writes to it. */
  readonly peer: string
  readonly sequences: Readonly<Record<WarmUpType, readonly WarmUpStep[]>>
}

/** A step that was done. */
export interface WarmUpRecord {
  readonly tenant: string
  readonly account: string
  readonly type: WarmUpType
  readonly step: number
  /** The job that did it: one row a job, however often it runs. */
  readonly job: string
  /** When, ms since the epoch. */
  readonly at: number
}

/** A tenant's day in figures. */
export interface DailyFigures {
  readonly tenant: string
  /** In UTC, as in 2031-03-01. */
  readonly day: string
  /** Messages that left, whether or not they came back. */
  readonly sent: number
  readonly suppressed: number
  readonly rejected: number
  readonly hardBounces: number
  readonly softBounces: number
  /** Messages that were opened first on this day. */
  readonly opens: number
}

/** Somebody a tenant writes to. */
export interface Contact {
  readonly address: string
  readonly name: string
  readonly locale: string
}

/** A row of a file that could not be imported. */
export interface RejectedRow {
  /** Where the row ends in the file, from 1. */
  readonly line: number
  readonly row: string
  readonly reason: string
}

/** The platform's tables besides mail: memory here, D1 or Postgres elsewhere. All that is repeated changes nothing. */
export interface OfficeDatabase {
  warmUpPlan(tenant: string, account: string): Promise<WarmUpPlan | undefined>
  saveWarmUp(record: WarmUpRecord): Promise<void>
  warmUp(job: string): Promise<WarmUpRecord | undefined>
  /** A message was opened. The first time counts. */
  saveOpen(messageId: string, at: number): Promise<void>
  /** Counts a tenant's day and keeps it as one row, in place of what was there. Answers the row. */
  aggregate(tenant: string, day: string): Promise<DailyFigures>
  figures(tenant: string, day: string): Promise<DailyFigures | undefined>
  /** Adds contacts, or writes over those with the same address. Addresses of one call are different ones. */
  saveContacts(tenant: string, contacts: readonly Contact[]): Promise<void>
  contact(tenant: string, address: string): Promise<Contact | undefined>
  /** Keeps rows that an import refused, by the import's job and the line. */
  saveRejectedRows(job: string, rows: readonly RejectedRow[]): Promise<void>
  /** In the order of their lines. */
  rejectedRows(job: string): Promise<readonly RejectedRow[]>
}

/** The platform's tables besides mail. */
export const office: Resource<OfficeDatabase> = defineResource('office')

/** When a day begins and ends, ms since the epoch. */
export function toDayRange(day: string): { readonly from: number; readonly to: number } {
  const from = Date.parse(`${day}T00:00:00Z`)
  return { from, to: from + 86_400_000 }
}

/** Whether there is a warm-up of this type. */
export function isWarmUpType(type: string): type is WarmUpType {
  return (WARM_UP_TYPES as readonly string[]).includes(type)
}
