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

const id = z.string().min(1).max(100)
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

/** Send one message of a campaign to one recipient. */
export const sendEmail = defineJob({
  name: 'email.send',
  queue: 'email-sending',
  data: z.object({
    tenant: id,
    campaign: id,
    recipient: id,
    template: id,
    personalisations: z.object({ address: z.email(), values: z.record(z.string().max(50), z.string().max(2_000)) }),
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

/** The same job type with other delays between attempts, for traffic that cannot wait 300 s. */
export function withBackoff<Type extends AnyJobType>(type: Type, backoff: BackoffData | undefined): Type {
  return backoff ? { ...type, retry: { ...type.retry, backoff } } : type
}
