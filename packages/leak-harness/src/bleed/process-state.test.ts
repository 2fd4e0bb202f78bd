import { expect, it } from 'vitest'
import { changesBetween, readProcessState } from './process-state.ts'

function changesOf(change: () => () => void): string[] {
  const before = readProcessState()
  const undo = change()
  const changes = changesBetween(before, readProcessState())
  undo()
  expect(changesBetween(before, readProcessState())).toEqual([])
  return changes
}

it('names what was added, set and removed, and no value', () => {
  process.env.BLEED_TEST_OLD = 'secret'
  const { BLEED_TEST_OLD } = process.env
  expect(
    changesOf(() => {
      process.env.BLEED_TEST_NEW = 'secret'
      delete process.env.BLEED_TEST_OLD
      return () => {
        delete process.env.BLEED_TEST_NEW
        process.env.BLEED_TEST_OLD = BLEED_TEST_OLD
      }
    }),
  ).toEqual(['process.env.BLEED_TEST_NEW', 'process.env.BLEED_TEST_OLD'])
  delete process.env.BLEED_TEST_OLD
})

it('sees globals, patched clocks and polluted prototypes', () => {
  const { now } = Date
  expect(
    changesOf(() => {
      Object.assign(globalThis, { bleedTest: 1 })
      Object.assign(Object.prototype, { bleedTest: 1 })
      Date.now = () => 0
      return () => {
        Reflect.deleteProperty(globalThis, 'bleedTest')
        Reflect.deleteProperty(Object.prototype, 'bleedTest')
        Date.now = now
      }
    }),
  ).toEqual(['globalThis.bleedTest', 'Date.now', 'Object.prototype.bleedTest'])
})

it('takes no first use for a change', () => {
  expect(
    changesOf(() => {
      void [fetch, crypto.subtle, navigator.userAgent, structuredClone, new Intl.NumberFormat('de').format(1)]
      return () => {}
    }),
  ).toEqual([])
})
