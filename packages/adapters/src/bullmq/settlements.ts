import type { Delivery, JobSpec, Lost, Settlement } from '@isobar/core'
import { type SerializedError, serializeError, toJsonText } from '@isobar/core/codec'
import type { Value } from './connection.ts'
import { toHold, tokenOf } from './deliveries.ts'
import type { Keep } from './job-opts.ts'
import type { Bases } from './keys.ts'
import type { BullmqSettings } from './options.ts'
import { toSpecValues } from './specs.ts'

/** What a settlement leaves of a job besides its outcome. Empty texts mean that there is none. */
interface Written {
  readonly delayMs?: number
  /** Of a retry or release: it counts as a crash. Of a death: its handler ran. */
  readonly flag?: boolean
  readonly error?: SerializedError
  /** The result as JSON, or the reason of a death. */
  readonly text?: string
  readonly keep?: Keep
  readonly followUps?: readonly JobSpec[]
}

/** A settlement as the values that `lua/settle.ts` reads. */
export function toSettleValues(settlement: Settlement, bases: Bases, settings: BullmqSettings): Value[] {
  const { delivery, outcome } = settlement
  const { delayMs = 0, flag, error, text = '', keep = {}, followUps = [] } = toWritten(settlement, settings)
  return [
    ...toHold(delivery, bases),
    outcome.kind,
    Math.ceil(Math.min(Math.max(0, delayMs), settings.can.maxDelayMs)) || 0,
    flag ? 1 : 0,
    error ? JSON.stringify(error) : '',
    error?.message ?? '',
    JSON.stringify(error?.stack ? [error.stack] : []),
    text,
    keep.count ?? '',
    keep.age ?? '',
    followUps.length,
    ...followUps.flatMap((spec) => toSpecValues(spec, bases, settings)),
  ]
}

function toWritten({ delivery, outcome, startedAt }: Settlement, { retainMs, can }: BullmqSettings): Written {
  switch (outcome.kind) {
    case 'ack': {
      const keep = tokenOf(delivery).keep ?? (retainMs > 0 ? { age: Math.ceil(retainMs / 1_000) } : { count: 0 })
      const text = toJsonText(outcome.result, can.maxBytes) ?? 'null'
      return { text, keep, ...(outcome.enqueue && { followUps: outcome.enqueue }) }
    }
    case 'retry':
      return { delayMs: outcome.delayMs, flag: !!outcome.crashed, error: serializeError(outcome.error) }
    case 'dead':
      return { flag: startedAt !== undefined, error: serializeError(outcome.error), text: outcome.reason }
    case 'release': {
      const error = outcome.error === undefined ? undefined : serializeError(outcome.error)
      return { delayMs: outcome.delayMs ?? 0, flag: !!outcome.suspect, ...(error && { error }) }
    }
  }
}

/** The lost, as scripts answer them: place and reason, one after the other. */
export function toLost(answer: unknown, deliveries: readonly Delivery[]): Lost[] {
  const flat = answer as readonly (string | number)[]
  const lost: Lost[] = []
  for (let at = 0; at < flat.length; at += 2) {
    lost.push({ delivery: deliveries[Number(flat[at])] as Delivery, reason: flat[at + 1] as Lost['reason'] })
  }
  return lost
}
