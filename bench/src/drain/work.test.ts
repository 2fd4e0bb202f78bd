import { expect, test } from 'vitest'
import { doWork, toWork, toWorks, WORK_BYTES } from './work.ts'

test('the data of every job weigh the same', () => {
  for (const n of [0, 7, 12_345]) expect(JSON.stringify(toWork(n))).toHaveLength(WORK_BYTES)
})

test('jobs are told apart by their number, and each has data of its own', () => {
  const works = toWorks(5, 3)
  expect(works.map(({ n }) => n)).toEqual([5, 6, 7])
  expect(new Set(works.map(({ document }) => document)).size).toBe(3)
  expect(toWork(5)).toEqual(works[0])
})

test('work is done on the document, and one that is cut off fails', () => {
  const work = toWork(1)
  doWork(work)
  expect(() => doWork({ ...work, document: work.document.slice(0, -1) })).toThrow(SyntaxError)
})
