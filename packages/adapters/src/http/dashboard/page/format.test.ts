import { expect, it } from 'vitest'
import { formatBytes, formatCount, formatDuration, formatInterval, formatMoment, formatShort } from './format.ts'

it.each([
  [0, '0 B'],
  [-0.2, '0 B'],
  [999, '999 B'],
  [999.6, '1 kB'],
  [1_234, '1.2 kB'],
  [-1_234, '−1.2 kB'],
  [123_456, '123 kB'],
  [256e6, '256 MB'],
  [24.3e9, '24.3 GB'],
  [5e15, '5,000 TB'],
  [null, '–'],
  [undefined, '–'],
  [Number.NaN, '–'],
  [Number.POSITIVE_INFINITY, '–'],
])('%d bytes: %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text.replace(' ', '\u00a0'))
})

it.each([
  [-366, 390, '−366 to 390 B'],
  [-200, 1_500, '−0.2 to 1.5 kB'],
  [-10, 48e6, '0 to 48 MB'],
  [null, 3, '–'],
  [3, null, '–'],
])('an interval from %s to %s: %s', (low, high, text) => {
  // The unit does not leave its figure.
  expect(formatInterval(low, high)).toBe(text.replace(/ (?=k?M?B)/, '\u00a0'))
})

it.each([
  [0, '0 ms'],
  [0.04, '0 ms'],
  [11.26, '11.3 ms'],
  [999, '999 ms'],
  [999.6, '1 s'],
  [59_900, '59.9 s'],
  [59_960, '1 min'],
  [250_000, '4 min 10 s'],
  [3_599_700, '1 h'],
  [7_500_000, '2 h 5 min'],
  [86_400_000, '1 d'],
  [273_600_000, '3 d 4 h'],
  [null, '–'],
])('%s ms: %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

it.each([
  [12_345, '12,345'],
  [-3, '−3'],
  [0, '0'],
  [-0, '0'],
  [null, '–'],
])('%s things: %s', (count, text) => {
  expect(formatCount(count)).toBe(text)
})

it('tells the year of a moment in another one', () => {
  const at = new Date(2026, 4, 12, 9, 30, 5).getTime()
  expect(formatMoment(at, at)).toBe('12 May, 09:30:05')
  expect(formatMoment(at, new Date(2027, 1, 1).getTime())).toBe('12 May 2026, 09:30:05')
  expect(formatMoment(null)).toBe('–')
})

it('shortens on one line', () => {
  expect(formatShort('a\n  b', 10)).toBe('a b')
  expect(formatShort('abcdef', 4)).toBe('abc…')
})
