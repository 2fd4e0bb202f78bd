const BARS = '▁▂▃▄▅▆▇█'

/**
 * Values as a row of bars, from zero up, so that what is level looks level and what doubles looks doubled. More values
 * than the width are thinned out; the last is always shown.
 */
export function toSparkline(values: readonly number[], width: number): string {
  const top = Math.max(...values, 1) * 1.25
  const step = Math.max(1, values.length / width)
  const shown = Array.from(
    { length: Math.min(width, values.length) },
    (_, at) => values[Math.min(values.length - 1, Math.ceil((at + 1) * step) - 1)] ?? 0,
  )
  return shown.map((value) => BARS[Math.min(BARS.length - 1, Math.floor((value / top) * BARS.length))]).join('')
}

/** A part of a whole as a bar. */
export function toProgressBar(part: number, whole: number, width: number): string {
  const full = Math.round(Math.min(1, whole === 0 ? 1 : part / whole) * width)
  return '█'.repeat(full) + '░'.repeat(width - full)
}

/** `12,345` */
export function toCount(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** `18.4 MB` */
export function toMegabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** `+0.4 B`, with its sign: how much memory a job leaves behind. */
export function toGrowth(bytes: number): string {
  const rounded = Math.abs(bytes) < 10 ? bytes.toFixed(1) : toCount(bytes)
  return `${bytes >= 0 ? '+' : ''}${rounded === '-0.0' ? '0.0' : rounded} B`
}
