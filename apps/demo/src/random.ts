/** Random figures that are the same for the same seed. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  /** One of the list. */
  pick<T>(list: readonly [T, ...T[]]): T
}

/**
 * A generator for one item of a series: any item can be made without those before it.
 * Source: mulberry32 by Tommy Ettinger; the seed is mixed with the index by the finalizer of MurmurHash3.
 */
export function createRandom(seed: number, index: number): Random {
  let state = mix(Math.imul(seed | 0, 0x9e3779b1) ^ mix(index + 0x7f4a7c15))
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => list[Math.floor(next() * list.length)] ?? list[0],
  }
}

function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
