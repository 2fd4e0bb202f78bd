import { type AnyJobType, type BackoffData, defineJob, exponential } from '@isobar/core'
import { z } from 'zod'

/** Delays between attempts in production: 2 s, 4 s, 8 s … at most 300 s. */
export const PRODUCTION_BACKOFF: BackoffData = exponential({ base: '2s', max: '300s' })

/** Largest raw message that travels inside a job, in characters. Larger ones belong into the content store. */
export const MAX_RAW_CHARS = 96_000

/** Most recipients of one incoming message. */
export const MAX_RECIPIENTS = 100

/** Longest reason of a bounce, in characters. */
export const MAX_REASON_CHARS = 1_000

/** Most steps of a warm-up. */
export const MAX_STEPS = 60

/** Longest body of a webhook, in characters. */
export const MAX_BODY_CHARS = 64_000

/** Most lines of an invoice. */
export const MAX_INVOICE_LINES = 400

/** Names and ids of tenants, accounts, campaigns. */
export const id = z.string().min(1).max(100)
const count = z.number().int().nonnegative()
const messageId = z.string().min(3).max(998)
const retry = { attempts: 5, backoff: PRODUCTION_BACKOFF }

/** An e-mail arrived, or left through somebody else's server: keep its content, its attachments and a reference. */
export const incomingEmail = defineJob({
  name: 'email.incoming',
  queue: 'email:processing',
  data: z.object({
    tenant: id,
    account: id,
    direction: z.enum(['inbound', 'outbound']),
    type: z.enum(['new', 'reply', 'auto-reply']),
    /** The envelope's sender. */
    from: z.email(),
    /** The envelope's recipients, one or many. */
    to: z.union([z.email().transform((address) => [address]), z.array(z.email()).min(1).max(MAX_RECIPIENTS)]),
    /** The message as it came, in MIME. */
    raw: z.string().min(1).max(MAX_RAW_CHARS),
  }),
  result: z.object({
    messageId,
    storageKey: z.string(),
    attachments: z.number().int().nonnegative(),
    /** False when the content was there already. */
    stored: z.boolean(),
  }),
  retry,
  timeout: '30s',
})

/** To whom a message goes, and what stands in it. */
export const sendRecipient = z.object({
  recipient: id,
  personalisations: z.object({ address: z.email(), values: z.record(z.string().max(50), z.string().max(2_000)) }),
})

/** Send one message of a campaign to one recipient. */
export const sendEmail = defineJob({
  name: 'email.send',
  queue: 'email-sending',
  data: z.object({
    tenant: id,
    campaign: id,
    template: id,
    ...sendRecipient.shape,
  }),
  result: z.object({ messageId, status: z.enum(['sent', 'suppressed', 'rejected']), response: z.string().optional() }),
  retry,
  timeout: '30s',
})

/** A message came back. `hard`: the mailbox will never take mail. `soft`: not now. */
export const bounceEmail = defineJob({
  name: 'email.bounce',
  queue: 'bounce:process',
  data: z.object({
    messageId,
    type: z.enum(['hard', 'soft']),
    reason: z.string().max(MAX_REASON_CHARS),
    address: z.email(),
  }),
  result: z.object({ campaign: z.string(), suppressed: z.boolean() }),
  retry,
  timeout: '30s',
})

/** Do one step of an account's warm-up; the next one follows from it. */
export const warmUpAccount = defineJob({
  name: 'warmup.step',
  queue: 'warmup:process',
  data: z.object({
    tenant: id,
    account: id,
    /** One of `WARM_UP_TYPES`; which there are is the handler's to say. */
    type: id,
    /** The step's place in the sequence, from 0. */
    step: z.number().int().min(0).max(MAX_STEPS),
  }),
  result: z.object({ step: z.number(), messageId: messageId.optional(), opens: z.number(), last: z.boolean() }),
  retry,
  timeout: '30s',
})

/** Put the figures of a tenant's day into one row. */
export const aggregateDay = defineJob({
  name: 'analytics.aggregate',
  queue: 'analytics:daily-aggregate',
  /** The day in UTC, as in 2031-03-01. */
  data: z.object({ tenant: id, day: z.iso.date() }),
  result: z.object({
    ...{ tenant: id, day: z.iso.date() },
    ...{ sent: count, suppressed: count, rejected: count, hardBounces: count, softBounces: count, opens: count },
  }),
  retry,
  timeout: '1m',
})

/** Tell a customer's server of an event. */
export const deliverWebhook = defineJob({
  name: 'webhook.deliver',
  queue: 'webhook:process',
  data: z.object({
    url: z.url({ protocol: /^https?$/ }).max(2_000),
    event: id,
    /** What the message is signed with: shared with the customer. */
    secret: z.string().min(16).max(200),
    /** What is posted, in JSON. */
    body: z.string().max(MAX_BODY_CHARS),
  }),
  result: z.object({ status: z.number() }),
  retry,
  // Also the most that an endpoint may take to answer.
  timeout: '10s',
})

/** Render a tenant's invoice of a month, and store it. */
export const renderInvoice = defineJob({
  name: 'invoice.render',
  queue: 'invoice:render',
  data: z.object({
    tenant: id,
    /** As in 2031-03. */
    month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/),
    lines: z
      .array(
        z.object({
          text: z.string().min(1).max(200),
          quantity: z.number().int().min(1).max(1_000_000),
          unitCents: z.number().int().min(-100_000_000).max(100_000_000),
        }),
      )
      .min(1)
      .max(MAX_INVOICE_LINES),
  }),
  result: z.object({ key: z.string(), bytes: count, totalCents: z.number().int(), sha256: z.string() }),
  retry,
  timeout: '30s',
})

/** Work in a file of contacts that is in the content store. */
export const importContacts = defineJob({
  name: 'contacts.import',
  queue: 'import:csv',
  data: z.object({ tenant: id, key: z.string().min(1).max(500) }),
  result: z.object({ rows: count, imported: count, rejected: count }),
  retry,
  timeout: '10m',
})

/** All that can be enqueued. */
export const JOB_TYPES: readonly AnyJobType[] = [
  ...[incomingEmail, sendEmail, bounceEmail],
  ...[warmUpAccount, aggregateDay, deliverWebhook, renderInvoice, importContacts],
]

/** The same job type with other delays between attempts, for traffic that cannot wait 300 s. */
export function withBackoff<Type extends AnyJobType>(type: Type, backoff: BackoffData | undefined): Type {
  return backoff ? { ...type, retry: { ...type.retry, backoff } } : type
}
