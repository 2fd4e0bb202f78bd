import type { D1Database, Queue, R2Bucket } from '@cloudflare/workers-types'
import type { QueueBindings } from '@isobar/adapters/cloudflare'
import type { Duration } from '@isobar/core'
import type { QueueName } from '../queues.ts'

/** What the Worker has: see `wrangler.jsonc`. */
export interface Env {
  readonly PROCESSING_HIGH: Queue
  readonly PROCESSING: Queue
  readonly PROCESSING_LOW: Queue
  readonly SENDING_HIGH: Queue
  readonly SENDING: Queue
  readonly SENDING_LOW: Queue
  readonly WARMUP: Queue
  readonly BOUNCE: Queue
  readonly ANALYTICS: Queue
  readonly WEBHOOK: Queue
  readonly INVOICE: Queue
  readonly IMPORT: Queue
  /** Dead letters. */
  readonly DLQ: Queue
  readonly DB: D1Database
  readonly BUCKET: R2Bucket
  /** Where mail is posted to; without it the demo plays the recipients' servers itself, and keeps mail in R2. */
  readonly MAIL_URL?: string
  /** `dry`: mail is taken and forgotten, for replays. */
  readonly MAIL?: 'dry'
  /** First delay between attempts; production's where it is absent. */
  readonly BACKOFF?: Duration
  /** How long a job that nobody handles is put back; the default of isobar where it is absent. */
  readonly UNKNOWN_AFTER?: Duration
}

/** The bindings of the platform's queues, which have one for each priority. */
export const QUEUE_BINDINGS: Readonly<Record<QueueName, QueueBindings<Env>[string]>> = {
  'email:processing:high': 'PROCESSING_HIGH',
  'email:processing': 'PROCESSING',
  'email:processing:low': 'PROCESSING_LOW',
  'email-sending:high': 'SENDING_HIGH',
  'email-sending': 'SENDING',
  'email-sending:low': 'SENDING_LOW',
  'warmup:process': 'WARMUP',
  'bounce:process': 'BOUNCE',
  'analytics:daily-aggregate': 'ANALYTICS',
  'webhook:process': 'WEBHOOK',
  'invoice:render': 'INVOICE',
  'import:csv': 'IMPORT',
}

/** The platform's name of the queue of dead letters, as in `wrangler.jsonc`. */
export const DEAD_QUEUE = 'isobar-demo-dead'
