import type { RecycleCause } from '@isobar/core'
import { OTHER } from './job-table.ts'

/** Slots told apart: more isolates than that on one machine are counted together. */
export const MAX_SLOTS = 256

/** The label of isolates that served nobody yet. */
const SPARE = 'spare'

/** Recycles by the slot of the isolate and the cause. */
export class RecycleTable {
  readonly #counts = new Map<string, Map<RecycleCause, number>>()

  add(slot: number | undefined, cause: RecycleCause): void {
    const label = toSlotLabel(slot)
    const causes = this.#counts.get(label) ?? new Map<RecycleCause, number>()
    this.#counts.set(label, causes.set(cause, (causes.get(cause) ?? 0) + 1))
  }

  all(): readonly (readonly [slot: string, cause: RecycleCause, count: number])[] {
    return [...this.#counts].flatMap(([slot, causes]) =>
      [...causes].map(([cause, count]) => [slot, cause, count] as const),
    )
  }
}

/** A slot as a label. */
export function toSlotLabel(slot: number | undefined): string {
  if (slot === undefined) return SPARE
  return slot < MAX_SLOTS ? String(slot) : OTHER
}
