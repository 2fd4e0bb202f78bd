/** A source of numbers in [0, 1). */
export type Random = () => number

/**
 * A seeded source of random numbers, so that a verdict can be computed again from its report.
 * The generator is Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, ample for resampling a few dozen points.
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
