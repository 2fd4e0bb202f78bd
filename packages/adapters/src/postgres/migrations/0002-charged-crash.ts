import { type SettleVariant, settleFunction } from './0001-settle.ts'

/**
 * `settle` counts a crash besides the attempt where the reason of a retry is `crashed`. Workers of version 1 give none with
 * a retry, so theirs stay what they were while a new version rolls out; the flag would not do, which they set for every
 * retry whose handler ran. What goes back to the queue has no reason of its own.
 */
export const chargedCrash = (s: string): string =>
  settleFunction(s, { create: 'CREATE OR REPLACE FUNCTION', ...COUNTING })

/** How crashes are counted since. */
export const COUNTING: Pick<SettleVariant, 'crashes' | 'reason'> = {
  crashes: `(d.kind = 'release' AND d.flag) OR (d.kind = 'retry' AND d.reason IS NOT DISTINCT FROM 'crashed')`,
  reason: `CASE d.kind WHEN 'dead' THEN d.reason END`,
}
