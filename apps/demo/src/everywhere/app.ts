import { type App, exponential, type InferOutput } from '@isobar/core'
import { idempotency } from '@isobar/core/plugins/idempotency'
import { createMailApp } from '../app.ts'
import { TERMS } from '../fixtures.ts'
import { createMarkedHttp } from '../hook-mark.ts'
import { http } from '../http-client.ts'
import { sendEmail } from '../jobs.ts'
import { office } from '../office.ts'
import { CONTACTS } from '../office-fixtures.ts'
import { createDemoTables } from '../processes/providers.ts'
import { RingStore } from '../processes/ring-store.ts'
import { clock, database, mailer, storage } from '../resources.ts'
import { createMarkedMailer } from './marked-mailer.ts'
import { probing } from './probing.ts'

// One app for Node, Deno, Bun and workerd, as it stands: the platform's plugins, and stores in memory.

/** Delays between attempts. The edge waits 1 s at least. */
const BACKOFF = exponential({ base: '20ms', max: '200ms' })

/** Rows and objects: nothing that a run of some thousand jobs leaves may be pushed out by what comes later. */
const KEEP = 20_000

/** What time it is in every message, ms since the epoch. */
const NOW = Date.UTC(2031, 3, 1, 9)

/** What the handlers leave behind. */
export const tables = createDemoTables(KEEP)
export const store = new RingStore({ fixed: [TERMS, ...CONTACTS], objects: KEEP, bytes: '64mib' })
export const provider = createMarkedMailer()

const app: App = createMailApp({ backoff: BACKOFF, unknownAfter: '1s' })
  .provide(storage, { lifetime: 'isolate', create: () => store })
  .provide(database, { lifetime: 'isolate', create: () => tables.database })
  .provide(office, { lifetime: 'isolate', create: () => tables.office })
  .provide(http, { lifetime: 'isolate', create: () => createMarkedHttp({ now: () => NOW }) })
  .provide(mailer, { lifetime: 'isolate', create: () => provider })
  .provide(clock, { lifetime: 'isolate', create: () => ({ now: () => NOW }) })
  .use(probing(BACKOFF))
  // Nobody is written to twice, whoever asks.
  .use(idempotency({ key: ({ job, data }) => (job.name === sendEmail.name ? recipientOf(data) : undefined) }))

export default app

function recipientOf(data: unknown): string {
  const { recipient } = data as InferOutput<NonNullable<typeof sendEmail.data>>
  return recipient
}
