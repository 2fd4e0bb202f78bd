import type { Delivery, Lost } from '@isobar/core'
import type { Token } from './deliveries.ts'
import type { Session } from './session.ts'
import { toHolds, toLost } from './settlements.ts'

const ACTION = 'extend leases'

/**
 * Extends leases to `leaseMs` from now and answers the lost. All at once; a row that is locked meanwhile, by a settle or
 * by the job's own progress, is passed over and then waited for alone, so that no job loses its lease for being busy.
 */
export async function extendLeases(session: Session, held: readonly Delivery[], leaseMs: number): Promise<Lost[]> {
  const lost: Lost[] = []
  for (let left = held; left.length > 0; ) {
    const rows = await session.ask(ACTION, `SELECT n, reason FROM ${session.s}.extend($1, $2, $3)`, [
      ...toHolds(left),
      leaseMs,
    ])
    lost.push(
      ...toLost(
        rows.filter(([, reason]) => reason !== null),
        left,
      ),
    )
    // Most of what is locked is locked by one settle: when that is through with one of them, it is with all.
    const [first, ...others] = toLost(
      rows.filter(([, reason]) => reason === null),
      left,
    ).map(({ delivery }) => delivery)
    if (first) await extendOne(session, first, leaseMs)
    left = others
  }
  return lost
}

async function extendOne(session: Session, { token }: Delivery, leaseMs: number): Promise<void> {
  const { seq, delivery } = token as Token
  await session.ask(ACTION, `SELECT ${session.s}.extend_one($1, $2, $3)`, [seq, delivery, leaseMs])
}
