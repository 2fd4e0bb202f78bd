import { env as globalEnv } from 'cloudflare:workers'
import { toWorker } from '@isobar/adapters/cloudflare'
import { deadLetterConsumer } from '@isobar/adapters/cloudflare/dead-letters'
import { type App, exponential } from '@isobar/core'
import { createMailApp } from '../app.ts'
import { createMarkedHttp } from '../hook-mark.ts'
import { http } from '../http-client.ts'
import { office } from '../office.ts'
import { createDryMailer } from '../processes/dry-mailer.ts'
import { clock, database, type Mailer, mailer, storage } from '../resources.ts'
import { api } from './api.ts'
import { D1MailDatabase } from './d1-database.ts'
import { D1Office } from './d1-office.ts'
import { DEAD_QUEUE, type Env, QUEUE_BINDINGS } from './env.ts'
import { createHttpMailer } from './http-mailer.ts'
import { createOutboxMailer } from './outbox-mailer.ts'
import { R2Store } from './r2-store.ts'
import { JobRecords } from './records.ts'

// The e-mail platform as a Worker: the plugins are those of the other platforms, unchanged; what they are provided with
// is the platform's.

const { BACKOFF, UNKNOWN_AFTER } = globalEnv as Partial<Env>
const dryMailer = createDryMailer()

const app: App<Env> = createMailApp({
  ...(BACKOFF !== undefined && { backoff: exponential({ base: BACKOFF, max: '300s' }) }),
  ...(UNKNOWN_AFTER !== undefined && { unknownAfter: UNKNOWN_AFTER }),
})
app
  .provide(storage, { lifetime: 'invocation', create: ({ env }) => new R2Store(env.BUCKET) })
  .provide(database, { lifetime: 'invocation', create: ({ env }) => new D1MailDatabase(env.DB) })
  .provide(office, { lifetime: 'invocation', create: ({ env }) => new D1Office(env.DB) })
  .provide(http, { lifetime: 'isolate', create: () => createMarkedHttp() })
  .provide(mailer, { lifetime: 'invocation', create: ({ env }) => toMailer(env) })
  .provide(clock, { lifetime: 'isolate', create: () => ({ now: () => Date.now() }) })

const records = new JobRecords()
records.watch(app)

const worker = toWorker<Env>(app, {
  deadLetter: 'DLQ',
  queues: QUEUE_BINDINGS,
  consumers: { [DEAD_QUEUE]: deadLetterConsumer<Env>({ database: 'DB', retain: '14d' }) },
  fetch: (request, env, ctx) => api.fetch(request, env, ctx as never),
})

export default {
  ...worker,
  async queue(...[batch, env, ctx]: Parameters<typeof worker.queue>): Promise<void> {
    await worker.queue(batch, env, ctx)
    await records.flush(env.DB)
  },
}

function toMailer({ MAIL, MAIL_URL, BUCKET, DB }: Env): Mailer {
  if (MAIL === 'dry') return dryMailer
  return MAIL_URL ? createHttpMailer(MAIL_URL) : createOutboxMailer(BUCKET, DB)
}
