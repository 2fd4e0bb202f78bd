import type { DeadReason, Payload, Priority, SerializedError } from '@isobar/core'
import { decodeEnvelope, serializeError, UNREADABLE_NAME } from '@isobar/core/codec'
import { DEAD_MARK, toBytes } from '../dead-message.ts'
import { toReadable } from '../delivery.ts'
import { MAX_MESSAGE_BYTES } from '../limits.ts'

/** A message as it comes from the queue of dead letters. */
export interface DeadLetterMessage {
  readonly id: string
  readonly timestamp: Date
  readonly body: unknown
}

/** What a dead letter says. */
export interface DeadRecord {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly priority: Priority
  readonly reason: DeadReason
  readonly error: SerializedError
  readonly attempts: number
  readonly crashes: number
  /** Ms since the epoch. */
  readonly enqueuedAt: number
  /** Ms since the epoch. */
  readonly diedAt: number
  readonly redrives: number
  readonly tenant?: string
  /** The body of the job's own message, as it was. */
  readonly body: unknown
}

type Header = Omit<DeadRecord, 'body'>

/**
 * What a message says that came from the queue of dead letters. Never throws: one without a header was given up by the
 * platform, or was too large to get one; it is kept under what can be known of it.
 */
export function readDeadMessage(message: DeadLetterMessage, queue: string): DeadRecord {
  return readWithHeader(message.body) ?? readRaw(message, queue)
}

function readWithHeader(body: unknown): DeadRecord | undefined {
  try {
    if (typeof body === 'string') {
      const end = body.startsWith(DEAD_MARK) ? body.indexOf('\n') : -1
      return end < 0 ? undefined : toRecord(JSON.parse(body.slice(0, end)), body.slice(end + 1))
    }
    if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
      const bytes = toBytes(body)
      const end = isMarked(bytes) ? bytes.indexOf(10) : -1
      if (end < 0) return undefined
      return toRecord(JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))), bytes.slice(end + 1))
    }
    const { isobarDead, body: inner, ...header } = body as Header & { isobarDead?: unknown; body: unknown }
    return isobarDead === 1 ? toRecord(header, inner) : undefined
  } catch {
    return undefined
  }
}

function isMarked(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, DEAD_MARK.length)) === DEAD_MARK
}

function toRecord({ tenant, ...header }: Header, body: unknown): DeadRecord {
  const { id, name, queue, priority, reason, error, attempts, crashes, enqueuedAt, diedAt, redrives } = header
  return {
    ...{ id, name, queue, priority, reason, error, attempts, crashes, enqueuedAt, diedAt, redrives },
    ...(tenant !== undefined && { tenant }),
    body,
  }
}

function readRaw({ id, timestamp, body }: DeadLetterMessage, queue: string): DeadRecord {
  const enqueuedAt = timestamp.getTime()
  const facts = { id, queue, attempt: 1, crashes: 0, enqueuedAt, maxBytes: MAX_MESSAGE_BYTES }
  const job = decodeEnvelope(toReadable(body), facts)
  const isJob = job.name !== UNREADABLE_NAME
  const { name, priority, crashes, attempt, tenant, redrives = 0 } = job
  return {
    ...{ id: job.id, name, queue: job.queue, priority, crashes, enqueuedAt: job.enqueuedAt, redrives, body },
    reason: isJob ? 'crashed' : 'unreadable',
    error: serializeError(
      new Error(
        isJob
          ? 'the platform gave the message up after max_retries, without a word'
          : 'the message came without a header: it was too large for one, or the platform gave it up',
      ),
    ),
    attempts: attempt - 1,
    diedAt: enqueuedAt,
    ...(tenant !== undefined && { tenant }),
  }
}

/** A body as the payload of a dead letter. */
export function toPayload(body: unknown): Payload {
  const facts = { id: '', queue: '', attempt: 1, crashes: 0, enqueuedAt: 0, maxBytes: MAX_MESSAGE_BYTES }
  return decodeEnvelope(toReadable(body), facts).payload
}
