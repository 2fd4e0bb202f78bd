import type { PoolHealth } from '@isobar/core'
import { PAUSE_BOUNDS_MS, type PauseKind, Pauses, type PausesByKind } from '../pauses.ts'
import type { Isolate } from './isolate.ts'

/**
 * How long collections have stopped the isolates of each slot, one after the other: a slot's counts go on when its isolate
 * is replaced. There are as many slots as the pool has been large.
 */
export class SlotPausesTable {
  readonly #bySlot = new Map<number | undefined, Pauses>()

  /** Takes what an isolate tells. */
  add({ served: slot }: Pick<Isolate, 'served'>, told: PausesByKind): void {
    const pauses = this.#bySlot.get(slot) ?? new Pauses()
    this.#bySlot.set(slot, pauses)
    pauses.merge(told)
  }

  /** One of each slot and kind that there was any of. */
  all(): NonNullable<PoolHealth['pauses']> {
    return [...this.#bySlot].flatMap(([slot, pauses]) =>
      Object.entries(pauses.all()).map(([kind, figures]) => ({
        slot,
        kind: kind as PauseKind,
        counts: figures.slice(0, -1),
        boundsMs: PAUSE_BOUNDS_MS,
        ms: figures.at(-1) ?? 0,
      })),
    )
  }
}
