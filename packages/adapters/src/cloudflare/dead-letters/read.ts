import { type DecodedJob, decodeEnvelope, serializeError } from '@isobar/core/codec'
import { toReadable } from '../body.ts'
import { MAX_BODY_BYTES, MAX_MESSAGE_BYTES } from '../limits.ts'
import { type DeadRecord, readHeader } from './header.ts'

/** A message as it comes from the queue of dead letters. */
export interface DeadLetterMessage {
  readonly id: string
  readonly timestamp: Date
  readonly body: unknown
}

/** What is known of a message from outside. */
export interface DeadLetterFacts {
  /** The queue it came from. */
  readonly queue: string
  /** When it is read, ms since the epoch: when it died, if it does not say. Default: now. */
  readonly now?: number
}

/**
 * What a message says that came from the queue of dead letters. Never throws: one without a header was given up by the
 * platform, or was too large to get one; it is kept under what can be known of it.
 */
export function readDeadMessage(message: DeadLetterMessage, facts: DeadLetterFacts): DeadRecord {
  return readHeader(message.body) ?? readRaw(message, facts)
}

function readRaw({ id, timestamp, body }: DeadLetterMessage, { queue, now = Date.now() }: DeadLetterFacts): DeadRecord {
  const job = decode(body, { id, queue, enqueuedAt: timestamp.getTime() })
  const { name, priority, crashes, attempt, tenant, enqueuedAt, redrives = 0 } = job
  const [reason, problem] = whyDead(job)
  return {
    ...{ id: job.id, name, queue: job.queue, priority, reason, crashes, enqueuedAt, redrives, body },
    error: serializeError(new Error(problem)),
    attempts: attempt - 1,
    diedAt: now,
    ...(tenant !== undefined && { tenant }),
  }
}

function whyDead({ payload }: DecodedJob): [reason: DeadRecord['reason'], problem: string] {
  if (!('bytes' in payload)) return ['crashed', 'the platform gave the message up after max_retries, without a word']
  const size = payload.bytes.byteLength
  if (size > MAX_BODY_BYTES)
    return ['oversized', `its ${size} bytes leave no room for a header, which has at most ${MAX_BODY_BYTES} beside it`]
  return ['unreadable', `the message came without a header, so the platform gave it up, and ${payload.problem}`]
}

/** The job in a body; one that says what is wrong where there is none. */
export function decode(
  body: unknown,
  facts: { readonly id: string; readonly queue: string; readonly enqueuedAt: number },
): DecodedJob {
  return decodeEnvelope(toReadable(body), { ...facts, attempt: 1, crashes: 0, maxBytes: MAX_MESSAGE_BYTES })
}
