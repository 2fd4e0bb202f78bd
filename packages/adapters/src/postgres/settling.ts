import type { Lost, Settlement } from '@isobar/core'
import { DatabaseError, isDataError } from './errors.ts'
import type { Maintainer } from './maintainer.ts'
import type { PostgresSettings } from './options.ts'
import type { Notice } from './sending.ts'
import type { Session } from './session.ts'
import { toLost, toSettleValues } from './settlements.ts'

/** What settling works with. */
export interface SettleContext {
  readonly session: Session
  readonly settings: PostgresSettings
  readonly maintainer: Maintainer
}

const SETTLE = (s: string): string =>
  `SELECT n, reason FROM ${s}.settle(${Array.from({ length: 28 }, (_, at) => `$${at + 1}`).join(', ')})`

/** Settles a batch in one round trip; where its data are refused, one by one, so that one spoils no other. */
export async function settleAll(context: SettleContext, batch: readonly Settlement[], notice: Notice): Promise<Lost[]> {
  try {
    return await settleOnce(context, batch, notice, false)
  } catch (error) {
    if (!isRefusal(error)) throw error
    const lost: Lost[] = []
    for (const settlement of batch) lost.push(...(await settleOne(context, settlement, notice)))
    return lost
  }
}

/** Settles one: as it is; else without what the server may have refused. */
async function settleOne(context: SettleContext, settlement: Settlement, notice: Notice): Promise<Lost[]> {
  try {
    return await settleOnce(context, [settlement], notice, true)
  } catch (error) {
    const { outcome } = settlement
    if (outcome.kind !== 'ack' || !isRefusal(error)) throw error
    const instead: Settlement = outcome.enqueue?.length
      ? { ...settlement, outcome: { kind: 'dead', error, reason: 'unrecoverable' } }
      : { ...settlement, outcome: { kind: 'ack' } }
    return settleOnce(context, [instead], notice, true)
  }
}

async function settleOnce(
  { session, settings, maintainer }: SettleContext,
  batch: readonly Settlement[],
  { channel, queues }: Notice,
  checked: boolean,
): Promise<Lost[]> {
  const { values, traces } = toSettleValues(batch, settings, checked)
  const rows = await maintainer.withPartitions(() =>
    session.ask('settle', SETTLE(session.s), [...values, channel, queues, traces]),
  )
  return toLost(
    rows,
    batch.map(({ delivery }) => delivery),
  )
}

function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && isDataError(error.cause)
}
