const LOCALE = 'en-GB'

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 })
const oneDigit = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 })
const timeOfDay = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const minuteOfDay = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' })
const dayAndTime = new Intl.DateTimeFormat(LOCALE, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const yearAndTime = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'medium' })

/** Stands between a figure and its unit, which stay on one line. */
const NBSP = '\u00a0'

/** Stands where there is no figure. */
export const NONE = '–'

/** A figure with as few digits as tell it: 3 of them, grouped, with a real minus. */
function short(value: number): string {
  const size = Math.abs(value)
  const text = (size >= 100 ? whole : oneDigit).format(size)
  return value < 0 && text !== '0' ? `−${text}` : text
}

/** A number of whole things. */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE
  const text = whole.format(Math.abs(value))
  return value < 0 && text !== '0' ? `−${text}` : text
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Bytes, in the unit that gives one to three digits before the point: decimal units, as the limits are written. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return NONE
  const unit = unitOf(bytes)
  return inUnit(bytes, unit) + NBSP + BYTE_UNITS[unit]
}

/** The interval of an estimate, in one unit: `−0.2 to 1.5 kB`; a dash where nothing can be said. */
export function formatInterval(low: number | null, high: number | null): string {
  if (low === null || high === null) return NONE
  const unit = Math.max(unitOf(low), unitOf(high))
  return `${inUnit(low, unit)} to ${inUnit(high, unit)}${NBSP}${BYTE_UNITS[unit]}`
}

function unitOf(bytes: number): number {
  let [value, unit] = [Math.abs(bytes), 0]
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) [value, unit] = [value / 1_000, unit + 1]
  return unit
}

function inUnit(bytes: number, unit: number): string {
  return unit === 0 ? formatCount(Math.round(bytes)) : short(bytes / 1_000 ** unit)
}

/** How long something takes: `3 ms`, `1.2 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NONE
  if (ms < 999.5) return `${short(ms)} ms`
  if (ms < 59_950) return `${short(ms / 1_000)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 3_600) return two(seconds, 60, 'min', 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 1_440) return two(minutes, 60, 'h', 'min')
  return two(Math.round(minutes / 60), 24, 'd', 'h')
}

function two(value: number, base: number, large: string, small: string): string {
  const rest = value % base
  return `${whole.format(Math.floor(value / base))} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`
}

/** A time of today, to the second. */
export function formatTime(at: number): string {
  return timeOfDay.format(at)
}

/** A time of today, to the minute: for axes. */
export function formatMinute(at: number): string {
  return minuteOfDay.format(at)
}

/** A day and a time, with the year where it is another than that of `now`; a dash for none. */
export function formatMoment(at: number | null | undefined, now: number = Date.now()): string {
  if (at === null || at === undefined) return NONE
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return (sameYear ? dayAndTime : yearAndTime).format(at)
}

/** The first characters of a text, on one line. */
export function formatShort(text: string, most: number): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`
}
