/** Longest wait that is granted to a server, in ms: one that asks for more is asked again sooner. */
export const MAX_RETRY_AFTER_MS = 3_600_000

/** The header `Retry-After`, seconds or a date, as ms from now; undefined where it says neither (RFC 9110, 10.2.3). */
export function toRetryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : isHttpDate(text) ? Date.parse(text) - now : Number.NaN
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS)
}

/** As in `Sun, 06 Nov 1994 08:49:37 GMT`. `Date.parse` takes much else, and not the same everywhere. */
function isHttpDate(text: string): boolean {
  return /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)
}
