import type { IsolateHealth } from '@isobar/core'

/** An isolate that has a slot. */
export type Serving = IsolateHealth & { readonly slot: number }

/** One isolate a slot, by slot: while one hands over to its successor, that which takes jobs. */
export function toServing(isolates: readonly IsolateHealth[]): readonly Serving[] {
  const bySlot = new Map<number, Serving>()
  for (const isolate of isolates) {
    const { slot, state } = isolate
    if (slot === undefined) continue
    if (!bySlot.has(slot) || state === 'active' || state === 'alone') bySlot.set(slot, { ...isolate, slot })
  }
  return [...bySlot.values()].sort((a, b) => a.slot - b.slot)
}
