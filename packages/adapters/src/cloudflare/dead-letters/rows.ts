import type { DeadLetter } from '@isobar/core'
import { toBytes } from '../dead-message.ts'
import { type DeadRecord, toPayload } from './read.ts'

/** How a body is kept: text as text, bytes as a blob, any other value as JSON. */
type ContentType = 'text' | 'bytes' | 'json'

/** A row of the table. */
export interface DeadRow {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly priority: DeadLetter['priority']
  readonly reason: DeadLetter['reason']
  readonly error: string
  readonly attempts: number
  readonly crashes: number
  readonly enqueued_at: number
  readonly died_at: number
  readonly redrives: number
  readonly tenant: string | null
  readonly body: string | readonly number[]
  readonly content_type: ContentType
}

/** The columns of a row, in the order in which they are bound. */
export const COLUMNS: readonly (keyof DeadRow)[] = [
  ...(['id', 'name', 'queue', 'priority', 'reason', 'error', 'attempts', 'crashes', 'enqueued_at', 'died_at'] as const),
  ...(['redrives', 'tenant', 'body', 'content_type'] as const),
]

/** What is bound to `COLUMNS`. */
export function toValues(record: DeadRecord): unknown[] {
  const { id, name, queue, priority, reason, error, attempts, crashes, enqueuedAt, diedAt, redrives, tenant } = record
  const [body, type] = toKept(record.body)
  return [
    ...[id, name, queue, priority, reason, JSON.stringify(error), attempts, crashes, Math.round(enqueuedAt), diedAt],
    ...[redrives, tenant ?? null, body, type],
  ]
}

function toKept(body: unknown): [body: string | Uint8Array, type: ContentType] {
  if (typeof body === 'string') return [body, 'text']
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return [toBytes(body), 'bytes']
  try {
    return [JSON.stringify(body) ?? 'null', 'json']
  } catch (error) {
    // A cycle, a bigint: there is no other text for it.
    return [JSON.stringify({ problem: `a value that JSON fails on: ${error}` }), 'json']
  }
}

/** The body as it was sent: a value that was sent as a structured clone is what JSON makes of it. */
export function toBody({ body, content_type }: DeadRow): unknown {
  if (content_type === 'json') return JSON.parse(String(body))
  // D1 answers a blob with an array of numbers.
  return typeof body === 'string' ? body : Uint8Array.from(body)
}

/** A row as the core's dead letter. */
export function toDeadLetter(row: DeadRow): DeadLetter {
  const { id, name, queue, priority, reason, error, attempts, crashes, enqueued_at, died_at, redrives, tenant } = row
  return {
    ...{ id, name, queue, priority, reason, attempts, crashes, redrives },
    error: JSON.parse(error),
    enqueuedAt: enqueued_at,
    diedAt: died_at,
    ...(tenant !== null && { tenant }),
    payload: toPayload(toBody(row)),
  }
}
