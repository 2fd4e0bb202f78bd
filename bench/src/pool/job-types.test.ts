import { expect, test } from 'vitest'
import { type JobKind, timesFor, toJobs } from './job-types.ts'

test.each<JobKind>([
  { type: 'work' },
  { type: 'nothing' },
  { type: 'burn', times: 2 },
  { type: 'wait', ms: 1 },
  { type: 'leak', kind: 'heap', ms: 0 },
])('jobs of $type are told apart by their numbers', ({ type: name, ...data }) => {
  const { type, toData } = toJobs({ type: name, ...data } as JobKind)
  expect(type.name).toBe(name)
  expect(toData(7)).toMatchObject({ n: 7, ...data })
})

test('longer work is more of the same', () => {
  expect(timesFor(20)).toBeGreaterThan(timesFor(1))
})
