import { expect, test } from 'vitest'
import { Table } from './table.ts'

test('the rows used last are kept', () => {
  const table = new Table<number>(2)
  table.set('a', 1)
  table.set('b', 2)
  expect(table.get('a')).toBe(1)
  table.set('c', 3)
  expect([table.get('a'), table.get('b'), table.get('c'), table.size]).toEqual([1, undefined, 3, 2])
})

test('fixed rows stay, and can be written over', () => {
  const table = new Table<number>(1, [['fixed', 1]])
  for (const key of ['a', 'b', 'c']) table.set(key, 0)
  expect([table.get('fixed'), table.size]).toEqual([1, 2])
  table.set('fixed', 2)
  expect([table.get('fixed'), table.size]).toEqual([2, 2])
})

test('a row shares nothing with what was written', () => {
  const table = new Table<{ tags: string[] }>()
  const row = { tags: ['one'] }
  table.set('a', row)
  row.tags.push('two')
  table.get('a')?.tags.push('three')
  expect(table.get('a')).toEqual({ tags: ['one'] })
})
