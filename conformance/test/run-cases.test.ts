import { expect, test } from 'vitest'
import { type CaseResult, runCases } from '../src/run-cases.ts'

test('a case that throws has failed, and so has one that does not end; the others are run all the same', async () => {
  const results: CaseResult[] = []
  const cases = [
    { name: 'never ends', run: () => new Promise<void>(() => {}) },
    { name: 'throws', run: () => Promise.reject(new RangeError('it is broken')) },
    { name: 'passes', run: async () => {} },
    { name: 'throws no error', run: () => Promise.reject('no') },
  ]
  await runCases(cases, { atOnce: 1, boundMs: 50, tell: (result) => results.push(result) })
  expect(results).toMatchObject([
    { case: 'never ends', ok: false, error: expect.stringContaining('did not end within 50 ms') },
    { case: 'throws', ok: false, error: expect.stringContaining('RangeError: it is broken') },
    { case: 'passes', ok: true },
    { case: 'throws no error', ok: false, error: 'no' },
  ])
})

test('no more run at once than asked for', async () => {
  let running = 0
  let most = 0
  const run = async (): Promise<void> => {
    most = Math.max(most, ++running)
    await Promise.resolve()
    running--
  }
  const told: string[] = []
  const cases = Array.from({ length: 10 }, (_, at) => ({ name: `${at}`, run }))
  await runCases(cases, { atOnce: 3, boundMs: 1_000, tell: (result) => told.push(result.case) })
  expect(most).toBe(3)
  expect(told.sort()).toEqual(cases.map(({ name }) => name))
})
