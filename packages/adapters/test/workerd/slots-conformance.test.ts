import { expect, test } from 'vitest'
import { bundleWorker, openWorkerd } from './open-workerd.ts'

const MAIN = new URL('./fixtures/slots-conformance.ts', import.meta.url)
const SLOT = new URL('./fixtures/slots-conformance-slot.ts', import.meta.url)

test('the conformance suite of executors, in slots', async () => {
  const { ask } = await openWorkerd(MAIN, {
    workerLoaders: { LOADER: {} },
    bindings: { CODE: await bundleWorker(SLOT) },
  })
  const results = await ask<[name: string, failure: string | null][]>('/')
  expect(results.filter(([, failure]) => failure !== null)).toEqual([])
  expect(results.length).toBeGreaterThan(15)
})
