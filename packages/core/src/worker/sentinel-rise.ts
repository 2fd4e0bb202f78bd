import type { Kept } from './sentinel-steps.ts'

/** Steps that a rise must have lasted, and that must have come before it: fewer are no measure. */
export const MIN_RISE_STEPS = 20

/** What a rise must come to, in bytes: code that warms up and most caches take less. What leaks more slowly can wait. */
export const MIN_RISE_BYTES = 16_000_000

/** How many times as high as any rise before it, of as many steps. */
export const RISE_TIMES = 2

/** What was in use began to rise as it never did before. */
export interface Rise {
  /** The first of its steps. */
  readonly from: number
  /** What it must come to, in bytes, jumps left out. */
  readonly least: number
}

/**
 * The step from which on memory rises, if it does, as it did in none of the steps before: where their means differ most,
 * with at least twice the growth of any stretch before it that is as long. Steps that go on as they were have no such rise,
 * however wild they are: sawtooth, warm-up of one isolate after the other, caches that are filled again and again. O(steps²).
 */
export function findRise(steps: readonly Pick<Kept, 'bytes'>[]): Rise | undefined {
  const from = findChange(steps)
  if (from === undefined) return undefined
  let growth = 0
  for (let n = from; n < steps.length; n++) growth += steps[n]?.bytes ?? 0
  if (growth < MIN_RISE_BYTES) return undefined
  const length = steps.length - from
  const within = Math.min(from, length)
  const before = (highestRise(steps.slice(0, from), within) * length) / within
  const least = Math.max(MIN_RISE_BYTES, RISE_TIMES * before)
  return growth < least ? undefined : { from, least }
}

/**
 * Where the mean after it is most surely above the mean before it: it leaves the least squares. None where that is in the
 * last steps: a rise that has just begun does not yet tell who makes it.
 */
function findChange(steps: readonly Pick<Kept, 'bytes'>[]): number | undefined {
  let late = 0
  for (const { bytes } of steps) late += bytes
  let early = 0
  let most = 0
  let change: number | undefined
  for (const [n, { bytes }] of steps.entries()) {
    const left = steps.length - n
    const rise = late / left - early / n
    const explained = rise * rise * n * left
    if (n >= MIN_RISE_STEPS && rise > 0 && explained > most) {
      most = explained
      change = n
    }
    early += bytes
    late -= bytes
  }
  return change !== undefined && steps.length - change >= MIN_RISE_STEPS ? change : undefined
}

/** The most that steps which follow one another have grown by, of at most so many. */
function highestRise(steps: readonly Pick<Kept, 'bytes'>[], within: number): number {
  let highest = 0
  for (let from = 0; from < steps.length; from++) {
    let rise = 0
    for (let n = from; n < Math.min(steps.length, from + within); n++) {
      rise += steps[n]?.bytes ?? 0
      if (rise > highest) highest = rise
    }
  }
  return highest
}
