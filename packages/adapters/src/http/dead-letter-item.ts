import type { DeadLetter } from '@isobar/core'
import type { DeadLetterItem } from './contract.ts'
import { toShown } from './payload.ts'

/** A dead letter as it is answered. */
export function toItem(letter: DeadLetter, full: boolean): DeadLetterItem {
  const { error, tenant, payload, ...rest } = letter
  const { id, name, queue, priority, reason, attempts, crashes, enqueuedAt, diedAt, redrives } = rest
  return {
    id,
    name,
    queue,
    priority,
    reason,
    error: { name: error.name, message: error.message, code: error.code ?? null, stack: error.stack ?? null },
    attempts,
    crashes,
    enqueuedAt,
    diedAt,
    redrives,
    tenant: tenant ?? null,
    payload: toShown(payload, full),
  }
}
