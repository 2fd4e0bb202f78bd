const LEVELS = '▁▂▃▄▅▆▇█'

/**
 * A curve in one line of text, at most `width` characters: each is the mean of its share of the values, between the
 * lowest and the highest. A curve that is level is all lowest. Empty when there are no values.
 */
export function sparkline(values: readonly number[], width: number): string {
  const columns = Math.min(width, values.length)
  const means = Array.from({ length: columns }, (_, column) => {
    const share = values.slice(
      Math.floor((column * values.length) / columns),
      Math.floor(((column + 1) * values.length) / columns),
    )
    return share.reduce((sum, value) => sum + value, 0) / share.length
  })
  const low = Math.min(...means)
  const span = Math.max(...means) - low
  return means
    .map(
      (mean) => LEVELS[span === 0 ? 0 : Math.min(LEVELS.length - 1, Math.floor(((mean - low) / span) * LEVELS.length))],
    )
    .join('')
}
