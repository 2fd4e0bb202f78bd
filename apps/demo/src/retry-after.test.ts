import { expect, test } from 'vitest'
import { MAX_RETRY_AFTER_MS, toRetryAfterMs } from './retry-after.ts'

const NOW = Date.UTC(1994, 10, 6, 8, 49, 0)

test.each([
  ['0', 0],
  [' 120 ', 120_000],
  ['99999999', MAX_RETRY_AFTER_MS],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sun, 06 Nov 1994 08:48:00 GMT', 0],
  ['Sun, 06 Nov 2094 08:48:00 GMT', MAX_RETRY_AFTER_MS],
])('%s is %i ms', (header, ms) => expect(toRetryAfterMs(header, NOW)).toBe(ms))

test.each([undefined, '', '-1', '1.5', '1994-11-06', 'Sun, 99 Nov 1994 08:49:37 GMT', 'tomorrow'])(
  '%s says nothing',
  (header) => expect(toRetryAfterMs(header, NOW)).toBeUndefined(),
)
