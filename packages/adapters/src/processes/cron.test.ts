import { expect, test } from 'vitest'
import { cron } from './cron.ts'

const next = (expression: string, after: string, timezone = 'UTC') =>
  cron.next(expression, new Date(after), timezone)?.toISOString()

test('the next tick is after the time, in the time zone', () => {
  expect(next('0 6 * * *', '2026-03-01T06:00:00Z')).toBe('2026-03-02T06:00:00.000Z')
  expect(next('0 6 * * *', '2026-03-01T00:00:00Z', 'America/New_York')).toBe('2026-03-01T11:00:00.000Z')
})

test('daylight saving: a time that does not exist is the moment after the gap, one that exists twice is the first', () => {
  expect(next('30 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T01:00:00.000Z')
  const first = next('30 2 * * *', '2026-10-24T12:00:00Z', 'Europe/Berlin')
  expect(first).toBe('2026-10-25T00:30:00.000Z')
})

test('a date that never comes has no tick', () => {
  expect(next('0 0 30 2 *', '2026-01-01T00:00:00Z')).toBeUndefined()
})

test('an expression or a time zone that is not valid throws', () => {
  expect(() => next('nonsense', '2026-01-01T00:00:00Z')).toThrow()
  expect(() => next('0 0 * * *', '2026-01-01T00:00:00Z', 'Mars/Olympus')).toThrow()
})
