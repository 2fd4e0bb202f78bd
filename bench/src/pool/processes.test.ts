import { expect, test } from 'vitest'
import { parseStat, parseStatus } from './processes.ts'

test('CPU is read from a stat line, whatever the process is called', () => {
  const numbers = '1 2 3 4 5 6 7 8 9 10 150 25 40 2 20 0 11 0 100'
  expect(parseStat(`4711 (a) b (c) S ${numbers}`)).toEqual({ ownMs: 1_750, endedMs: 420 })
})

test('sizes are read from a status, and are 0 where it has none', () => {
  const status = 'Name:\tnode\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n'
  expect(parseStatus(status, 'VmHWM')).toBe(2_097_152)
  expect(parseStatus(status, 'VmRSS')).toBe(1_048_576)
  expect(parseStatus('', 'VmRSS')).toBe(0)
})
