const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const

/** A span of time as its two largest units: `3 m 12 s`, `2 h`, `0 s`. */
export function toAge(ms: number): string {
  let seconds = Math.max(0, Math.floor(ms / 1_000))
  const first = UNITS.findIndex(([, size]) => seconds >= size)
  if (first < 0) return '0 s'
  const parts: string[] = []
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(seconds / size)
    seconds -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
  }
  return parts.join(' ')
}

/** A moment, and how long ago it was or how far off it is: `2026-01-31T12:00:00.000Z (3 m 12 s ago)`. */
export function toMoment(at: number, now: number): string {
  const distance = at > now ? `in ${toAge(at - now)}` : `${toAge(now - at)} ago`
  return `${new Date(at).toISOString()} (${distance})`
}
