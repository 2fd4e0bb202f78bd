import { expect, test } from 'vitest'
import { toTable } from './table.ts'

const columns = [
  { title: 'NAME', least: 6 },
  { title: 'N', align: 'right' },
  { title: 'WHAT', least: 4 },
] as const

test('columns are as wide as they need to be, numbers stand to the right, and no line ends in spaces', () => {
  expect(
    toTable(columns, [
      ['a', '1', 'x'],
      ['email', '1000', ''],
    ]),
  ).toBe(['NAME      N  WHAT', 'a         1  x', 'email  1000', ''].join('\n'))
})

test('where it is too wide the widest columns are cut, and none below its least', () => {
  const row = ['a-very-long-name-indeed', '12345', 'something else']
  for (const width of [40, 30, 25]) {
    const lines = toTable(columns, [row], width).trimEnd().split('\n')
    expect(Math.max(...lines.map((line) => [...line].length))).toBe(width)
    expect(lines[1]).toContain('12345')
  }
  expect(toTable(columns, [row], 10)).toContain('a-ver…  12345  som…')
})

test('what others wrote moves no cursor, and counts as what is shown', () => {
  expect(toTable([{ title: 'A' }, { title: 'B' }], [['x\u001b[2J', 'y']])).toBe('A         B\nx\\x1b[2J  y\n')
})
