import type { DeadReason, Priority, SerializedError } from '@isobar/core'
import { PRIORITIES } from '@isobar/core/codec'
import { toBytes } from '../body.ts'
import { DEAD_MARK } from '../dead-message.ts'

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

const REASONS: Readonly<Record<DeadReason, true>> = {
  ...{ exhausted: true, unrecoverable: true, invalid: true, 'invalid-result': true },
  ...{ unreadable: true, oversized: true, unknown: true, crashed: true },
}

/** What a message with a header says; undefined for one without, or with one that isobar did not write. */
export function readHeader(message: unknown): DeadRecord | undefined {
  try {
    const [header, body] = split(message)
    return isHeader(header) ? toRecord(header, body) : undefined
  } catch {
    return undefined
  }
}

/** @throws {SyntaxError} for a header that is no JSON. */
function split(message: unknown): [header: unknown, body: unknown] {
  if (typeof message === 'string') {
    const end = message.startsWith(DEAD_MARK) ? message.indexOf('\n') : -1
    return end < 0 ? [undefined, undefined] : [JSON.parse(message.slice(0, end)), message.slice(end + 1)]
  }
  const bytes = toBytes(message)
  if (!bytes) return [message, (message as { readonly body?: unknown } | null)?.body]
  const decoder = new TextDecoder()
  const isMarked = decoder.decode(bytes.subarray(0, DEAD_MARK.length)) === DEAD_MARK
  const end = isMarked ? bytes.indexOf(10) : -1
  return end < 0 ? [undefined, undefined] : [JSON.parse(decoder.decode(bytes.subarray(0, end))), bytes.slice(end + 1)]
}

function isHeader(value: unknown): value is Header {
  const header = (value ?? {}) as Partial<Record<keyof Header | 'isobarDead', unknown>>
  const { isobarDead, id, name, queue, priority, reason, tenant, error } = header
  const { name: errorName, message } = (error ?? {}) as Partial<SerializedError>
  const { attempts, crashes, enqueuedAt, diedAt, redrives } = header
  return (
    isobarDead === 1 &&
    [id, name, queue, errorName, message, tenant ?? ''].every((text) => typeof text === 'string') &&
    [attempts, crashes, enqueuedAt, diedAt, redrives].every(Number.isFinite) &&
    PRIORITIES.includes(priority as Priority) &&
    Object.hasOwn(REASONS, String(reason))
  )
}

function toRecord(header: Header, body: unknown): DeadRecord {
  const { id, name, queue, priority, reason, error, attempts, crashes, enqueuedAt, diedAt, redrives, tenant } = header
  return {
    ...{ id, name, queue, priority, reason, error, attempts, crashes, enqueuedAt, diedAt, redrives },
    ...(tenant != null && { tenant }),
    body,
  }
}
