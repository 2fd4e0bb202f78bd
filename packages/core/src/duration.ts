import { OptionError } from './errors.ts'

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const SIZES = {
  b: 1,
  kb: 1_000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1_024,
  mib: 1_048_576,
  gib: 1_073_741_824,
} as const

/** A duration: a number of milliseconds, or a number with a unit (`'500ms'`, `'30s'`, `'5m'`, `'2h'`, `'1d'`). */
export type Duration = number | `${number}${keyof typeof UNITS}`

/** A size: a number of bytes, or a number with a unit (`'64kb'`, `'256mb'`, `'1gib'`); kb is 1,000 bytes, kib 1,024. */
export type Size = number | `${number}${keyof typeof SIZES}`

/** The longest duration a timer can wait for, in ms (about 24.8 days): runtimes fire longer ones at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1

function parse(value: number | string, units: Readonly<Record<string, number>>, what: string): number {
  let parsed: number
  if (typeof value === 'string') {
    const match = /^(\d+(?:\.\d+)?)([a-z]+)$/i.exec(value.trim())
    parsed = Number(match?.[1]) * (units[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN)
  } else {
    parsed = value
  }
  if (Number.isFinite(parsed) && parsed >= 0) return Math.round(parsed)
  const shown = typeof value === 'string' ? JSON.stringify(value) : typeof value === 'number' ? value : typeof value
  throw new OptionError(`${shown} is not ${what}; give a number, or one with a unit: ${Object.keys(units).join(', ')}`)
}

/**
 * A duration in milliseconds, rounded to whole ones.
 * @throws {OptionError} when it is negative, not finite, or has an unknown unit.
 */
export function toMs(duration: Duration): number {
  return parse(duration, UNITS, 'a duration')
}

/**
 * A size in bytes, rounded to whole ones.
 * @throws {OptionError} when it is negative, not finite, or has an unknown unit.
 */
export function toBytes(size: Size): number {
  return parse(size, SIZES, 'a size')
}
