import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Target } from './group.ts'
import { isReached, runGroup, toLine } from './report.ts'

const target = (is: Target['is'], limit: number, ...rounds: number[]): Target => ({
  id: 'P1',
  name: 'overhead-us',
  is,
  limit,
  rounds,
})

test('a line has id, name, median, limit and verdict', () => {
  expect(toLine(target('<=', 1, 0.7, 0.8123, 9))).toBe('P1 overhead-us 0.812 <= 1 ok')
  expect(toLine(target('<=', 1, 1.5))).toBe('P1 overhead-us 1.5 <= 1 MISS')
  expect(toLine(target('>=', 1.5, 1.62, 1.7))).toBe('P1 overhead-us 1.66 >= 1.5 ok')
  expect(toLine(target('<=', 8_000, 9_376))).toBe('P1 overhead-us 9376 <= 8000 MISS')
})

test('a figure that only rounds to its limit is a miss', () => {
  expect(toLine(target('<=', 1, 1.0004))).toBe('P1 overhead-us 1 <= 1 MISS')
})

test('no rounds are a miss, whichever way', () => {
  expect(isReached(target('<=', 1))).toBe(false)
  expect(isReached(target('>=', 1))).toBe(false)
})

test('a line can be read back', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e6 }), fc.double({ min: 1e-6, max: 1e6 }), (value, limit) => {
      expect(toLine(target('<=', limit, value))).toMatch(/^P1 overhead-us \S+ <= \S+ (ok|MISS)$/)
    }),
  )
})

test('a group writes its rows as they come and ends with its targets', async () => {
  const written: string[] = []
  const group = {
    name: 'demo',
    targets: ['P1'],
    async run({ row, target: add }: Parameters<Parameters<typeof runGroup>[0]['run']>[0]) {
      add(target('<=', 1, 0.5))
      row({ name: 'a row', unit: 'us', rounds: [1, 2, 3] })
    },
  }
  const { signal } = new AbortController()
  const report = await runGroup(group, { signal, rounds: undefined, write: (text) => written.push(text) })
  expect(written[0]).toBe('demo\n')
  expect(written[1]).toMatch(/^ {2}a row +2 us {2}\(1 to 3, 3 rounds\)\n$/)
  expect(written[2]).toBe('P1 overhead-us 0.5 <= 1 ok\n')
  expect(report).toMatchObject({ name: 'demo', rows: [{ median: 2 }], targets: [{ median: 0.5, ok: true }] })
})
