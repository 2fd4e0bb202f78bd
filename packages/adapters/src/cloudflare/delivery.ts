import type { Message } from '@cloudflare/workers-types'
import type { Delivery, StoredJob } from '@isobar/core'
import { type DecodedJob, decodeEnvelope } from '@isobar/core/codec'
import { beginningOf, toReadable } from './body.ts'
import { MAX_MESSAGE_BYTES } from './limits.ts'

/** Reads messages that isobar did not send: what `foreign` of a consumer takes. */
export type ReadForeign = (message: Message, queue: string, unreadable: StoredJob) => StoredJob

/** A message with its job. */
export interface QueueDelivery extends Delivery {
  readonly job: DecodedJob
  readonly token: Message
}

/** The job in a message. Never throws: what cannot be read is a job that says so. */
export function toDelivery(message: Message, queue: string, foreign?: ReadForeign): QueueDelivery {
  const { id, body, attempts, timestamp } = message
  const enqueuedAt = timestamp.getTime()
  const facts = { id, queue, attempt: Math.max(1, attempts), crashes: 0, enqueuedAt, maxBytes: MAX_MESSAGE_BYTES }
  const text = toReadable(body)
  const job = decodeEnvelope(text, facts)
  const isForeign = 'bytes' in job.payload && !OWN.test(beginningOf(job.payload.bytes))
  const known = (isForeign && foreign?.(message, queue, job)) || job
  // What was delivered was due, whatever a clock elsewhere says.
  const dueAt = Math.min(known.dueAt, Date.now())
  return { job: { ...known, dueAt }, token: message, leaseUntil: Number.POSITIVE_INFINITY }
}

/** How a body begins that isobar wrote. */
const OWN = /^\{"isobar(Dead)?":/
