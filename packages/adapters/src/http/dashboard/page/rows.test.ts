import fc from 'fast-check'
import { expect, it } from 'vitest'
import { planRows } from './rows.ts'

/** Carries steps out as a table does. */
function carryOut(current: readonly string[], wanted: readonly string[]): string[] {
  const list = [...current]
  for (const step of planRows(current, wanted)) {
    if (step.kind !== 'insert') list.splice(list.indexOf(step.key), 1)
    if (step.kind === 'remove') continue
    const at = step.before === null ? list.length : list.indexOf(step.before)
    expect(at, 'the row it goes before is there').toBeGreaterThanOrEqual(0)
    list.splice(at, 0, step.key)
  }
  return list
}

const keys = fc.uniqueArray(fc.constantFrom(...'abcdefghij'))

it('turns any list into any other', () => {
  fc.assert(
    fc.property(keys, keys, (current, wanted) => {
      expect(carryOut(current, wanted)).toEqual(wanted)
    }),
  )
})

it('never takes out a row that stays, nor puts in one that is there', () => {
  fc.assert(
    fc.property(keys, keys, (current, wanted) => {
      for (const { kind, key } of planRows(current, wanted)) {
        if (kind === 'remove') expect(wanted).not.toContain(key)
        if (kind === 'insert') expect(current).not.toContain(key)
      }
    }),
  )
})

it('touches nothing where nothing changed, and moves nothing where rows only go', () => {
  fc.assert(
    fc.property(keys, keys, (list, gone) => {
      expect(planRows(list, list)).toEqual([])
      const rest = list.filter((key) => !gone.includes(key))
      expect(planRows(list, rest).every(({ kind }) => kind === 'remove')).toBe(true)
    }),
  )
})

it('puts what is new before what it precedes', () => {
  expect(planRows(['b', 'c'], ['a', 'b', 'c'])).toEqual([{ kind: 'insert', key: 'a', before: 'b' }])
  expect(planRows(['a'], ['a', 'b'])).toEqual([{ kind: 'insert', key: 'b', before: null }])
})
