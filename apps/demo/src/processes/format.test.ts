import { expect, test } from 'vitest'
import { toCount, toGrowth, toMegabytes, toProgressBar, toSparkline } from './format.ts'

test('what is level looks level, what doubles looks doubled', () => {
  expect(toSparkline([40.1, 40.3, 40.2], 10)).toBe('▇▇▇')
  expect(toSparkline([1, 2, 4], 10)).toBe('▂▄▇')
})

test('more values than the width are thinned out, and the last is shown', () => {
  const line = toSparkline([...Array.from({ length: 99 }, () => 1), 8], 10)
  expect(line).toBe('▁▁▁▁▁▁▁▁▁▇')
})

test('nothing yet', () => expect(toSparkline([], 10)).toBe(''))

test('a bar has its width, whatever the part', () => {
  expect([toProgressBar(0, 10, 4), toProgressBar(5, 10, 4), toProgressBar(12, 10, 4), toProgressBar(0, 0, 4)]).toEqual([
    '░░░░',
    '██░░',
    '████',
    '████',
  ])
})

test('figures', () => {
  expect([toCount(12_345.4), toMegabytes(18_440_000)]).toEqual(['12,345', '18.4 MB'])
  expect([toGrowth(0.42), toGrowth(-0.01), toGrowth(-3.26), toGrowth(1_234)]).toEqual([
    '+0.4 B',
    '0.0 B',
    '-3.3 B',
    '+1,234 B',
  ])
})
