import { afterEach, beforeEach, expect, test } from 'vitest'
import { Marks, type MarksFolder, openMarksFolder } from './marks.ts'

let folder: MarksFolder

beforeEach(() => {
  folder = openMarksFolder()
})

afterEach(() => folder[Symbol.dispose]())

function mark(ns: readonly number[], options?: { readonly atOnce?: boolean }): void {
  const marks = new Marks(options)
  for (const n of ns) marks.add(n)
  marks.close()
}

test('every job once, whoever ran it, is neither lost nor repeated', () => {
  mark([0, 2])
  mark([1, 3], { atOnce: true })
  expect(folder.count(4)).toEqual({ lost: 0, repeated: 0 })
})

test('what did not run, ran again, or was never enqueued is counted', () => {
  mark([0, 0, 0, 9])
  mark([1, 0])
  expect(folder.count(4)).toEqual({ lost: 2, repeated: 4 })
})

test('more than a batch is written as it comes', () => {
  const jobs = 40_000
  mark(Array.from({ length: jobs }, (_, n) => n))
  expect(folder.count(jobs)).toEqual({ lost: 0, repeated: 0 })
})

test('marks that are written at once are there before their process has ended', () => {
  const marks = new Marks({ atOnce: true })
  marks.add(0)
  expect(folder.count(1)).toEqual({ lost: 0, repeated: 0 })
  marks.close()
})

test('without a folder nothing is kept', () => {
  folder[Symbol.dispose]()
  expect(() => mark([1])).not.toThrow()
})
