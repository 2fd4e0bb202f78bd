import { expect, test } from 'vitest'
import { Tally, TallyError } from './tally.ts'

test('every job once is right, in whatever order', async () => {
  const tally = new Tally(3)
  const complete = tally.complete()
  for (const n of [2, 0, 1]) tally.add(n)
  await complete
  await tally.complete()
  tally.verify()
})

test('a job that ran twice, or not at all, is an error that names it', () => {
  const tally = new Tally(3)
  for (const n of [0, 1, 1]) tally.add(n)
  expect(() => tally.verify()).toThrow(TallyError)
  expect(() => tally.verify()).toThrow('of 3 jobs not every one ran exactly once: job 1 ran 2 times, job 2 ran 0 times')
})

test('so is a job that nobody enqueued', () => {
  const tally = new Tally(1)
  for (const n of [0, 1]) tally.add(n)
  expect(() => tally.verify()).toThrow('1 runs of jobs that were not enqueued')
})

test('only some are named', () => {
  expect(() => new Tally(100).verify()).toThrow('job 4 ran 0 times, 95 more like that')
})
