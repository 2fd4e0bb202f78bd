import type { HealthAnswer } from '../answers.ts'

type Pauses = NonNullable<HealthAnswer['health']['executor']['pool']>['pauses']

/** What rates are told of, in ms: the last half minute, or what is known of it. */
const SPAN_MS = 30_000

interface Seen {
  readonly at: number
  /** Pauses of each slot so far, in ms. */
  readonly ms: ReadonlyMap<number, number>
}

const START: Seen = { at: 0, ms: new Map() }

/** How much of the time collections of garbage stop the isolates of each slot. */
export class CollectionRates {
  /** The oldest first. */
  #seen: readonly Seen[] = []

  /** Answers ms in a second by slot, at a worker's `uptimeMs`. Before there is something to compare with: since its start. */
  update(uptimeMs: number, pauses: Pauses): ReadonlyMap<number, number> {
    const ms = new Map<number, number>()
    for (const one of pauses ?? []) if (one.slot !== undefined) ms.set(one.slot, (ms.get(one.slot) ?? 0) + one.ms)
    // What there was before a worker was started anew does not count.
    const isAnew = uptimeMs < (this.#seen.at(-1)?.at ?? 0)
    const seen = isAnew ? [] : this.#seen.filter(({ at }) => at < uptimeMs && at >= uptimeMs - SPAN_MS)
    this.#seen = [...seen, { at: uptimeMs, ms }]
    const from = seen[0] ?? START
    const seconds = (uptimeMs - from.at) / 1_000
    return new Map([...ms].map(([slot, all]) => [slot, (all - (from.ms.get(slot) ?? 0)) / seconds]))
  }
}
