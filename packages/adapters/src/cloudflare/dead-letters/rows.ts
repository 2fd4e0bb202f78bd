import type { DeadLetter, Payload } from '@isobar/core'
import { fromKeptBody, type KeptBody, toKeptBody } from './body.ts'
import type { DeadRecord } from './header.ts'
import { decode } from './read.ts'

/** A row of the table. */
export interface DeadRow extends KeptBody {
  /** In the order in which the letters came. */
  readonly seq: number
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
}

/** The columns that a letter fills, in the order in which they are bound. */
export const COLUMNS: readonly (keyof DeadRow)[] = [
  ...(['id', 'name', 'queue', 'priority', 'reason', 'error', 'attempts', 'crashes', 'enqueued_at', 'died_at'] as const),
  ...(['redrives', 'tenant', 'body', 'kind'] as const),
]

/** What is bound to `COLUMNS`. */
export function toValues(record: DeadRecord): unknown[] {
  const { id, name, queue, priority, reason, error, attempts, crashes, enqueuedAt, diedAt, redrives, tenant } = record
  const { body, kind } = toKeptBody(record.body)
  return [
    ...[id, name, queue, priority, reason, JSON.stringify(error), attempts, crashes],
    ...[Math.round(enqueuedAt), Math.round(diedAt), redrives, tenant ?? null, body, kind],
  ]
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
    payload: toPayload(row),
  }
}

/** The data of a row's job; what its message held where that is no job of isobar's. */
export function toPayload({ id, queue, enqueued_at: enqueuedAt, body, kind }: DeadRow): Payload {
  if (kind === 'lossy')
    return { bytes: new TextEncoder().encode(body), problem: 'it is a structured clone; JSON keeps only this of it' }
  return decode(fromKeptBody({ body, kind }), { id, queue, enqueuedAt }).payload
}
