/** Different values that are told apart; past it the count stands still. */
export const MAX_DISTINCT = 65_536

/**
 * Counts different texts in memory that is taken once and never grows, so that counting does not show in what is
 * measured: open addressing over 53-bit hashes. Two texts in about 2^52 are taken for one.
 */
export class DistinctCounter {
  readonly #slots = new Float64Array(2 * MAX_DISTINCT)
  #count = 0

  /** Different texts so far, at most `MAX_DISTINCT`. */
  get count(): number {
    return this.#count
  }

  add(text: string): void {
    if (this.#count >= MAX_DISTINCT) return
    const hash = hash53(text) + 1
    let at = hash % this.#slots.length
    while (this.#slots[at] !== 0) {
      if (this.#slots[at] === hash) return
      at = (at + 1) % this.#slots.length
    }
    this.#slots[at] = hash
    this.#count++
  }
}

/** Two 32-bit hashes in one number (cyrb53, public domain). */
function hash53(text: string): number {
  let h1 = 0xdeadbeef
  let h2 = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    h1 = Math.imul(h1 ^ unit, 2654435761)
    h2 = Math.imul(h2 ^ unit, 1597334677)
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909)
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909)
  return 4294967296 * (2097151 & h2) + (h1 >>> 0)
}
