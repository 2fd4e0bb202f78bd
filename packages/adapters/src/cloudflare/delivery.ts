import type { Message } from '@cloudflare/workers-types'
import type { Delivery, Priority, StoredJob } from '@isobar/core'
import { type DecodedJob, decodeEnvelope } from '@isobar/core/codec'
import { toBytes } from './dead-message.ts'
import { MAX_MESSAGE_BYTES } from './limits.ts'

/** What a message that somebody else sent is, in isobar's terms. */
export interface ForeignJob {
  /** The job type's name. */
  readonly name: string
  /** Its data: JSON, as `enqueue` would be given it. */
  readonly data?: unknown
  /** Default: the message's. */
  readonly id?: string
  /** Default `normal`. */
  readonly priority?: Priority
  readonly tenant?: string
}

/**
 * Says which job a message is that isobar did not send; undefined when it is none, which makes it a dead letter.
 * What it throws makes it one, too.
 */
export type ForeignMapping = (message: Message, queue: string) => ForeignJob | undefined

/** A message with its job. */
export interface QueueDelivery extends Delivery {
  readonly job: DecodedJob
  readonly token: Message
}

/** The job in a message. Never throws: what cannot be read is a job that says so. */
export function toDelivery(message: Message, queue: string, foreign?: ForeignMapping): QueueDelivery {
  const { id, body, attempts, timestamp } = message
  const enqueuedAt = timestamp.getTime()
  const facts = { id, queue, attempt: attempts, crashes: 0, enqueuedAt, maxBytes: MAX_MESSAGE_BYTES }
  const job = decodeEnvelope(toReadable(body), facts)
  const known = foreign && 'bytes' in job.payload ? fromForeign(job, () => foreign(message, queue)) : job
  return { job: known, token: message, leaseUntil: Number.POSITIVE_INFINITY }
}

function fromForeign(unreadable: StoredJob, map: () => ForeignJob | undefined): StoredJob {
  try {
    const found = map()
    if (!found) return unreadable
    const { name, data = null, id = unreadable.id, priority = 'normal', tenant } = found
    // As text it is checked when it is read, as all data is.
    const text = JSON.stringify(data)
    return { ...unreadable, id, name, priority, ...(tenant !== undefined && { tenant }), payload: { text } }
  } catch (error) {
    const { payload } = unreadable
    return {
      ...unreadable,
      payload: { ...payload, problem: `the mapping of foreign messages failed: ${error}` } as never,
    }
  }
}

/** A body as text or bytes: what was sent as JSON or as a structured clone is no envelope, and kept as JSON to look at. */
export function toReadable(body: unknown): string | Uint8Array {
  if (typeof body === 'string') return body
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return toBytes(body)
  try {
    return JSON.stringify(body) ?? String(body)
  } catch (error) {
    return `a value that JSON fails on: ${error}`
  }
}
