/** Growth under this in a cohort is none: a handful of entries is a lazy constant, not a leak. */
export const MIN_GROWTH = 4

/** A population that grows by less than this share of what it grew by before is filling up, not leaking. */
export const DECAY = 0.5

/** The size of one population (entries of a container, survivors of a group) when a cohort had ended. */
export interface Population {
  /** Jobs done by then. */
  readonly job: number
  readonly size: number
}

/**
 * What a population does over the last two cohorts.
 * - `still`: grew by less than `MIN_GROWTH` in the last one, or had not begun to grow before it.
 * - `fills`: grows, and slows down. Another cohort will tell.
 * - `grows`: grew in both, at no less than half its pace.
 */
export type Growth = 'still' | 'fills' | 'grows'

/**
 * The growth rule on one population, by pace a job, so that a cohort may be cut short. With fewer than two cohorts
 * nothing grows yet. What only began to grow in the last cohort `fills`: it has no pace to be held against.
 */
export function growthOf(sizes: readonly Population[]): Growth {
  const [first, second, third] = sizes.slice(-3)
  if (!first || !second || !third) return 'still'
  const last = third.size - second.size
  if (last < MIN_GROWTH) return 'still'
  const before = second.size - first.size
  if (before < MIN_GROWTH) return 'fills'
  return paceOf(second, third) >= DECAY * paceOf(first, second) ? 'grows' : 'fills'
}

/**
 * Whether a population that grows went on growing in each part of the confirming cohort, at half its former pace or
 * more. The parts are unequal: a batch that is written out every so many jobs can stand higher at each end of
 * equal cohorts by chance, and then falls in one of the parts.
 */
export function growsOn(before: readonly [Population, Population], parts: readonly Population[]): boolean {
  const pace = paceOf(before[0], before[1])
  let start = before[1]
  for (const end of parts) {
    const expected = DECAY * pace * (end.job - start.job)
    if (end.size - start.size < Math.max(1, Math.floor(expected))) return false
    start = end
  }
  return true
}

/**
 * Whether the confirming cohort showed that a population has an end: it fell in one of the parts, or stood still where
 * many more were to be expected. What leaks never does either.
 */
export function hasEnded(before: readonly [Population, Population], parts: readonly Population[]): boolean {
  const pace = paceOf(before[0], before[1])
  let start = before[1]
  for (const end of parts) {
    const growth = end.size - start.size
    if (growth < 0 || (growth === 0 && pace * (end.job - start.job) >= 2 * MIN_GROWTH)) return true
    start = end
  }
  return false
}

/** Growth a job from one size to the next. */
export function paceOf(start: Population, end: Population): number {
  return (end.size - start.size) / Math.max(1, end.job - start.job)
}
