/** Collections of young objects only, or of all. */
export type PauseKind = 'minor' | 'major'

/** Up to what a pause counts in which bucket, in ms; one more bucket is for those that are longer. */
export const PAUSE_BOUNDS_MS: readonly number[] = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000]

const BUCKETS = PAUSE_BOUNDS_MS.length + 1

/**
 * Pauses by kind: how many are in each bucket, not summed up, and then how long all of them were, in ms. A kind without any is
 * left out.
 */
export type PausesByKind = Readonly<Partial<Record<PauseKind, readonly number[]>>>

/** How long collections have stopped a process: counted, in a fixed few hundred bytes. */
export class Pauses {
  #byKind: Partial<Record<PauseKind, number[]>> = {}

  /** Counts a pause of so many ms. */
  add(kind: PauseKind, ms: number): void {
    let bucket = 0
    while (ms > (PAUSE_BOUNDS_MS[bucket] ?? Number.POSITIVE_INFINITY)) bucket++
    this.#raise(kind, bucket, 1)
    this.#raise(kind, BUCKETS, ms)
  }

  /** Counts what was counted elsewhere. */
  merge(others: PausesByKind): void {
    for (const kind of ['minor', 'major'] as const)
      for (let n = 0; n <= BUCKETS; n++) {
        const figure = others[kind]?.[n]
        if (figure !== undefined) this.#raise(kind, n, figure)
      }
  }

  /** What was counted. */
  all(): PausesByKind {
    return this.#byKind
  }

  /** What was counted, and counts anew; undefined where nothing was. */
  take(): PausesByKind | undefined {
    const all = this.#byKind
    if (Object.keys(all).length === 0) return undefined
    this.#byKind = {}
    return all
  }

  #raise(kind: PauseKind, n: number, by: number): void {
    this.#byKind[kind] ??= new Array(BUCKETS + 1).fill(0)
    this.#byKind[kind][n] = (this.#byKind[kind][n] ?? 0) + by
  }
}
