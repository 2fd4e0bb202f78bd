/** Rounds of collecting after which the heap counts as settled whatever it does. */
export const MAX_SETTLE_ROUNDS = 12

/** Two sizes that differ by no more than this, in bytes, are the same. */
export const SETTLED_BYTES = 256

/** And so are two that differ by no more than this share: a collection of a gigabyte takes a second, and twelve do not settle it better. */
export const SETTLED_SHARE = 1e-5

/** What settles: bytes of the heap, and outside it. */
export interface Held {
  readonly heap: number
  readonly external: number
}

/** The engine and its clocks, as they were before the module under test could change them. */
export interface Engine {
  readonly gc: () => void
  readonly held: () => Held
  /** One turn of the event loop. */
  readonly turn: () => Promise<void>
  readonly sleep: (ms: number) => Promise<void>
}

/**
 * Collects until nothing more goes: two turns of the event loop and 2 ms let finalizers and closing handles run, then a
 * collection, until what is held is what it was in the round before. Answers with what is held, read right after a
 * collection. `last` is the answer of the settle before: when the first round is there, there is nothing to settle.
 */
export function settle({ gc, held, turn, sleep }: Engine, last?: Held): Promise<Held> {
  return settleBy(async () => {
    await turn()
    await turn()
    await sleep(2)
    gc()
    return held()
  }, last)
}

/** The same with another way to collect: `round` collects once, and answers with what is held then. */
export async function settleBy(round: () => Promise<Held>, last?: Held): Promise<Held> {
  let before = last
  for (let rounds = 1; ; rounds++) {
    const now = await round()
    if (rounds === MAX_SETTLE_ROUNDS || (before && isSame(before, now))) return now
    before = now
  }
}

/** Buffers that a read under way still holds, or that a collection has yet to give back, show outside the heap alone. */
function isSame(before: Held, now: Held): boolean {
  const within = Math.max(SETTLED_BYTES, now.heap * SETTLED_SHARE)
  return Math.abs(now.heap - before.heap) <= within && Math.abs(now.external - before.external) <= within
}
