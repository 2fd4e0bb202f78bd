import type { App } from '@isobar/core'
import { ARCHIVE, CAMPAIGNS, SUPPRESSIONS, TEMPLATES, TERMS } from '../fixtures.ts'
import { type ContentStore, clock, database, type MailDatabase, mailer, storage } from '../resources.ts'
import { MemoryDatabase } from './memory-database.ts'
import { RingStore } from './ring-store.ts'
import type { ClosableMailer } from './smtp-mailer.ts'

/** What an entry point on Node brings. */
export interface NodeProviders {
  /** Makes the mailer. It is closed when the app is disposed. */
  readonly mailer: () => ClosableMailer
  /** Default: the trace's campaigns, templates and deliveries, in memory. */
  readonly database?: MailDatabase
  /** Default: the templates' files, in memory. */
  readonly store?: ContentStore
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

/** The templates' files. */
export function createDemoStore(keep?: number): RingStore {
  return new RingStore({ fixed: [TERMS], ...(keep !== undefined && { objects: keep }) })
}

/** Provides everything that the plugins need, all of it for as long as the isolate lives. */
export function provideNode(app: App, providers: NodeProviders): App {
  const { keep } = providers
  return app
    .provide(storage, { lifetime: 'isolate', create: () => providers.store ?? createDemoStore(keep) })
    .provide(database, { lifetime: 'isolate', create: () => providers.database ?? createDemoDatabase(keep) })
    .provide(mailer, {
      lifetime: 'isolate',
      create: providers.mailer,
      dispose: (open) => (open as ClosableMailer).close(),
    })
    .provide(clock, { lifetime: 'isolate', create: () => ({ now: () => Date.now() }) })
}
