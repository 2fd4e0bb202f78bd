/**
 * A rate a job, with as many digits as it needs: none for hundreds, four for a descriptor in ten thousand. `–` for none.
 */
export function formatNumber(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  const digits = size >= 100 ? 0 : size >= 1 || size < 0.00005 ? 2 : size >= 0.1 ? 3 : 4
  const text = size.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return value < 0 && Number(size.toFixed(digits)) !== 0 ? `−${text}` : text
}

/** A number of whole things. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Bytes in MB, to the kilobyte. */
export function formatBytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en-US', { minimumFractionDigits: 3, maximumFractionDigits: 3 })} MB`
}
