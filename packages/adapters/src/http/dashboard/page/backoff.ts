/** Wait before the first new try, in ms: doubled with each. */
export const FIRST_WAIT_MS = 1_000

/** The longest wait between two tries, in ms. */
export const MAX_WAIT_MS = 30_000

/**
 * How long to wait before a try: the upper half of the doubled wait is left to chance (`random` in [0, 1)), so that
 * many pages do not come back at once.
 */
export function backoff(tries: number, random: number): number {
  const longest = Math.min(FIRST_WAIT_MS * 2 ** Math.min(tries, 16), MAX_WAIT_MS)
  return longest / 2 + (longest / 2) * random
}
