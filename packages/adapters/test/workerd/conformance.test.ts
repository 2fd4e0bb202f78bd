import { expect, test } from 'vitest'
import { openWorkerd } from './open-workerd.ts'

test.each([
  ['broker', 100],
  ['executor', 15],
])('the conformance suite %s of the core, in workerd', async (suite, least) => {
  const { ask } = await openWorkerd(new URL('./fixtures/conformance.ts', import.meta.url))
  const results = await ask<[name: string, failure: string | null][]>(`/${suite}`)
  expect(results.filter(([, failure]) => failure !== null)).toEqual([])
  expect(results.length).toBeGreaterThan(least)
})
