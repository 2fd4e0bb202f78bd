import type { App } from '@isobar/core'
import { ARCHIVE, CAMPAIGNS, SUPPRESSIONS, TEMPLATES, TERMS } from '../fixtures.ts'
import { type HttpClient, http } from '../http-client.ts'
import { type LeakSwitch, leakSwitch } from '../leak-switch.ts'
import { type OfficeDatabase, office } from '../office.ts'
import { CONTACTS, WARM_UP_PLANS } from '../office-fixtures.ts'
import { type ContentStore, clock, database, type MailDatabase, mailer, storage } from '../resources.ts'
import { MemoryDatabase } from './memory-database.ts'
import { MemoryOffice } from './memory-office.ts'
import { RingStore } from './ring-store.ts'
import type { ClosableMailer } from './smtp-mailer.ts'

/** The platform's tables. */
export interface Tables {
  readonly database: MailDatabase
  readonly office: OfficeDatabase
}

/** What an entry point on Node brings. */
export interface NodeProviders {
  /** Makes the mailer. It is closed when the app is disposed. */
  readonly mailer: () => ClosableMailer
  /** Posts to customers' servers. */
  readonly http: () => HttpClient
  /** The platform's tables. Default: in memory, with what the trace names. */
  readonly tables?: Tables
  /** Default: in memory, with the files that the trace names. */
  readonly store?: ContentStore
  /** Whether sending leaks at the moment. Default: it does not. */
  readonly leak?: LeakSwitch
  /** Rows and objects kept in memory, besides the trace's own. Default 200. */
  readonly keep?: number
}

/** The trace's campaigns, templates, deliveries of days gone by and suppressed addresses. */
export function createDemoDatabase(keep?: number): MemoryDatabase {
  return new MemoryDatabase({
    campaigns: CAMPAIGNS,
    templates: TEMPLATES,
    deliveries: ARCHIVE,
    suppressions: SUPPRESSIONS,
    ...(keep !== undefined && { rows: keep }),
  })
}

/** The platform's tables besides mail, with the trace's plans. Days are counted from `mail`. */
export function createDemoOffice(mail: MemoryDatabase, keep?: number): MemoryOffice {
  return new MemoryOffice(mail, { plans: WARM_UP_PLANS, ...(keep !== undefined && { rows: keep }) })
}

/** Both in memory. */
export function createDemoTables(keep?: number): { readonly database: MemoryDatabase; readonly office: MemoryOffice } {
  const database = createDemoDatabase(keep)
  return { database, office: createDemoOffice(database, keep) }
}

/** The templates' files, and the contacts to import. */
export function createDemoStore(keep?: number): RingStore {
  return new RingStore({ fixed: [TERMS, ...CONTACTS], ...(keep !== undefined && { objects: keep }) })
}

/** Provides everything that the plugins need, all of it for as long as the isolate lives. */
export function provideNode(app: App, providers: NodeProviders): App {
  const { keep, tables = createDemoTables(keep) } = providers
  return app
    .provide(storage, { lifetime: 'isolate', create: () => providers.store ?? createDemoStore(keep) })
    .provide(database, { lifetime: 'isolate', create: () => tables.database })
    .provide(office, { lifetime: 'isolate', create: () => tables.office })
    .provide(leakSwitch, { lifetime: 'isolate', create: () => providers.leak ?? { isOn: false } })
    .provide(http, { lifetime: 'isolate', create: providers.http })
    .provide(mailer, {
      lifetime: 'isolate',
      create: providers.mailer,
      dispose: (open) => (open as ClosableMailer).close(),
    })
    .provide(clock, { lifetime: 'isolate', create: () => ({ now: () => Date.now() }) })
}
