/** Buckets to each doubling: a quantile is off by at most a twentieth of itself or so. */
const PER_DOUBLING = 8

/** The smallest duration told apart, in ms. */
const FLOOR_MS = 0.001

const BUCKETS = 40 * PER_DOUBLING

/** Durations in logarithmic buckets: quantiles in a fixed 2.5 KB, however many jobs there are. */
export class Histogram {
  readonly #buckets = new Float64Array(BUCKETS)
  #count = 0
  #sum = 0

  /** Adds a duration in ms. */
  add(ms: number): void {
    const at = Math.ceil(Math.log2(Math.max(ms, FLOOR_MS) / FLOOR_MS) * PER_DOUBLING)
    const bucket = Math.min(at, BUCKETS - 1)
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
    this.#count++
    this.#sum += ms
  }

  /** How many were added. */
  get count(): number {
    return this.#count
  }

  /** Their mean in ms; 0 when there are none. */
  get mean(): number {
    return this.#count ? this.#sum / this.#count : 0
  }

  /** The duration in ms that a share of them (0 to 1) did not exceed; 0 when there are none. */
  quantile(share: number): number {
    let rest = Math.ceil(share * this.#count)
    if (rest === 0) return 0
    const at = this.#buckets.findIndex((count) => {
      rest -= count
      return rest <= 0
    })
    return FLOOR_MS * 2 ** (at / PER_DOUBLING)
  }
}
