import { expect, test } from 'vitest'
import { nearest, suggest } from './nearest.ts'

const words = ['stats', 'enqueue', 'migrate', 'worker', 'queue']

test.each([
  ['stat', 'stats'],
  ['sttas', 'stats'],
  ['enqeue', 'enqueue'],
  ['enque', 'enqueue'],
  ['migraet', 'migrate'],
  ['wroker', 'worker'],
  ['work', 'worker'],
  ['quue', 'queue'],
  ['x', undefined],
  ['', undefined],
  ['delete', undefined],
])('%j means %j', (word, meant) => {
  expect(nearest(word, words)).toBe(meant)
})

test('what is meant is said, or nothing is', () => {
  expect(suggest('quiet', ['queue', 'quite'], '--')).toBe(' (did you mean --quite?)')
  expect(suggest('zebra', words)).toBe('')
})
