/** Buckets to each doubling: a quantile is off by a twentieth of itself or so. */
const PER_DOUBLING = 8

/** The smallest duration told apart, in ms. */
const FLOOR_MS = 0.001

const BUCKETS = 40 * PER_DOUBLING

/** The durations of one second after the other, in logarithmic buckets: quantiles in a fixed 1.3 KB. */
export class SecondDurations {
  readonly #buckets = new Uint32Array(BUCKETS)
  #count = 0

  /** Adds a duration in ms. */
  add(ms: number): void {
    const at = Math.ceil(Math.log2(Math.max(ms, FLOOR_MS) / FLOOR_MS) * PER_DOUBLING)
    const bucket = Math.min(at, BUCKETS - 1)
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
    this.#count++
  }

  /** What half and 99 % of the durations since the last call did not exceed, in ms; null where there were none. */
  take(): { readonly p50: number | null; readonly p99: number | null } {
    if (this.#count === 0) return { p50: null, p99: null }
    const both = { p50: this.#quantile(0.5), p99: this.#quantile(0.99) }
    this.#buckets.fill(0)
    this.#count = 0
    return both
  }

  #quantile(share: number): number {
    let rest = Math.ceil(share * this.#count)
    const at = this.#buckets.findIndex((count) => {
      rest -= count
      return rest <= 0
    })
    return toPrecision(FLOOR_MS * 2 ** (at / PER_DOUBLING))
  }
}

/** Three digits are what the buckets are good for. */
function toPrecision(ms: number): number {
  return Number(ms.toPrecision(3))
}
