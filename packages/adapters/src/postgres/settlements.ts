import type { DeadReason, Delivery, JobSpec, Lost, Outcome, Settlement } from '@isobar/core'
import { serializeError, toJsonText } from '@isobar/core/codec'
import { toArrayLiteral } from './array-literal.ts'
import type { Row } from './database.ts'
import type { Token } from './deliveries.ts'
import type { PostgresSettings } from './options.ts'
import { toSpecRows, toTraces } from './specs.ts'

/** The arguments of `enqueue` when there is nothing to enqueue. */
const NO_SPECS: readonly null[] = Array<null>(12).fill(null)

/** The first two arguments of `settle` and `extend`: which deliveries. */
export function toHolds(deliveries: readonly Delivery[]): unknown[] {
  return [
    toArrayLiteral(deliveries.map((delivery) => (delivery.token as Token).seq)),
    toArrayLiteral(deliveries.map((delivery) => (delivery.token as Token).delivery)),
  ]
}

/** Rows of the lost, as `settle` and `extend` answer them. */
export function toLost(rows: readonly Row[], deliveries: readonly Delivery[]): Lost[] {
  return rows.map(([place, reason]) => ({
    delivery: deliveries[Number(place) - 1] as Delivery,
    reason: reason as Lost['reason'],
  }))
}

/** A batch as the arguments of `settle`, which has who is notified before the last. */
interface SettleValues {
  readonly values: readonly unknown[]
  /** The last: the trace contexts of follow-up jobs. */
  readonly traces: string | null
}

/** A batch as the arguments of `settle`. With `checked`, data that are not JSON go in as bytes. */
export function toSettleValues(
  done: readonly Settlement[],
  { retainMs, logMs, can }: PostgresSettings,
  checked: boolean,
): SettleValues {
  const isMixed = done.some(({ outcome }) => outcome.kind !== 'ack')
  const retain = retainMs > 0
  const log = logMs > 0
  const column = <Value extends string | number | boolean | null>(
    needed: boolean,
    of: (settlement: Settlement) => Value,
  ): string | null => (needed ? toArrayLiteral(done.map(of)) : null)
  const { parents, specs } = toFollowUps(done)
  const values = [
    ...toHolds(done.map(({ delivery }) => delivery)),
    column(isMixed, ({ outcome }) => outcome.kind),
    column(isMixed, ({ outcome }) => delayOf(outcome, can.maxDelayMs)),
    column(isMixed, ({ outcome }) => errorOf(outcome)),
    column(isMixed, ({ outcome }) => reasonOf(outcome)),
    column(isMixed, (settlement) => flagOf(settlement)),
    column(retain, ({ outcome }) =>
      outcome.kind === 'ack' ? (toJsonText(outcome.result, can.maxBytes) ?? null) : null,
    ),
    column(log, ({ startedAt }) => startedAt ?? null),
    column(log, ({ endedAt }) => endedAt),
    retain,
    log,
    ...(specs.length > 0 ? [toArrayLiteral(parents), ...toSpecRows(specs, checked)] : [null, ...NO_SPECS]),
  ]
  return { values, traces: toTraces(specs) }
}

/** The follow-up jobs of a batch, and by whose place, from 1, they come. */
function toFollowUps(done: readonly Settlement[]): { readonly parents: number[]; readonly specs: JobSpec[] } {
  const parents: number[] = []
  const specs: JobSpec[] = []
  done.forEach(({ outcome }, at) => {
    if (outcome.kind !== 'ack' || !outcome.enqueue) return
    for (const spec of outcome.enqueue) {
      parents.push(at + 1)
      specs.push(spec)
    }
  })
  return { parents, specs }
}

/** Null keeps the job's place. */
function delayOf(outcome: Outcome, maxDelayMs: number): number | null {
  if (outcome.kind === 'retry') return Math.min(Math.max(0, outcome.delayMs), maxDelayMs)
  if (outcome.kind === 'release' && outcome.delayMs) return Math.min(outcome.delayMs, maxDelayMs)
  return null
}

function errorOf(outcome: Outcome): string | null {
  if (outcome.kind === 'ack' || (outcome.kind === 'release' && outcome.error === undefined)) return null
  return JSON.stringify(serializeError(outcome.error))
}

/**
 * Of a death: why. Of a retry: `crashed`, if it took its isolate down. Not the flag, which workers of version 1 set for
 * every retry whose handler ran.
 */
function reasonOf(outcome: Outcome): DeadReason | null {
  if (outcome.kind === 'retry') return outcome.crashed ? 'crashed' : null
  return outcome.kind === 'dead' ? outcome.reason : null
}

/** Of a release: whether it may have killed its isolate. Of a death: whether its handler ran. With others it means nothing. */
function flagOf({ outcome, startedAt }: Settlement): boolean {
  return outcome.kind === 'release' ? !!outcome.suspect : startedAt !== undefined
}
