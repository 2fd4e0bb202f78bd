import type { DeadLetter, JobStatus } from '@isobar/core'
import { expect, test } from 'vitest'
import type { TimedEntry } from './journal.ts'
import { type Evidence, judge } from './judge.ts'

const status = (state: JobStatus['state'], attempt = 1): JobStatus => ({
  id: '',
  name: 'work',
  queue: 'work',
  priority: 'normal',
  state,
  attempt,
  crashes: 0,
  enqueuedAt: 0,
  dueAt: 0,
})
const letter = (id: string, rest: Partial<DeadLetter>): DeadLetter => ({
  id,
  name: 'work',
  queue: 'work',
  priority: 'normal',
  reason: 'exhausted',
  error: { name: 'Error', message: 'no' },
  attempts: 3,
  crashes: 0,
  enqueuedAt: 0,
  diedAt: 0,
  redrives: 0,
  payload: { text: '{}' },
  ...rest,
})
const start = (at: number, id: string, attempt: number, crashes = 0, of?: string): TimedEntry => ({
  what: 'start',
  name: of === undefined ? 'work' : 'after',
  id,
  attempt,
  crashes,
  at,
  ...(of !== undefined && { of }),
})
const ended = (at: number, what: 'fail' | 'end', id: string, attempt: number): TimedEntry => ({
  what,
  name: 'work',
  id,
  attempt,
  at,
})

/** One job that crashed once, failed once and was done; one that died of failures. */
const good = {
  planned: new Map([
    ['a', { fails: 1, ms: 1 }],
    ['b', { fails: 3, ms: 1 }],
  ]),
  journal: [
    start(1, 'a', 1),
    start(2, 'a', 1, 1),
    ended(3, 'fail', 'a', 1),
    start(4, 'a', 2, 1),
    ended(5, 'end', 'a', 2),
    start(6, 'c', 1, 0, 'a'),
    ...[1, 2, 3].flatMap((attempt) => [
      start(attempt * 10, 'b', attempt),
      ended(attempt * 10 + 1, 'fail', 'b', attempt),
    ]),
  ],
  statuses: new Map([
    ['a', status('done', 2)],
    ['b', status('dead', 3)],
    ['c', status('done')],
  ]),
  dead: [letter('b', {})],
  maxCrashes: 5,
} satisfies Evidence

test('a good end', () => {
  expect(judge(good)).toEqual({ violations: [], done: 1, exhausted: 1, crashed: 0, starts: 7, repeats: 1 })
})

const without = (journal: readonly TimedEntry[], ...at: number[]) => journal.filter((_, n) => !at.includes(n))

test.each<[string, Partial<Evidence>, string]>([
  ['a job is not known', { statuses: new Map([...good.statuses, ['a', undefined]]) }, 'work a: lost'],
  ['a job runs for ever', { statuses: new Map([...good.statuses, ['a', status('running')]]) }, 'work a: lost'],
  ['a crash raised the attempt', { statuses: new Map([...good.statuses, ['a', status('done', 3)]]) }, 'at attempt 3'],
  ['an attempt without a failure', { journal: without(good.journal, 2) }, 'attempt 2 began'],
  ['a delivery twice', { journal: [...good.journal, start(7, 'a', 2, 1)] }, 'started twice'],
  ['done without an end', { journal: without(good.journal, 4) }, 'never ended'],
  ['two acks', { journal: [...good.journal, start(7, 'd', 1, 0, 'a')] }, 'with 2 follow-ups'],
  ['an ack without its follow-up', { journal: without(good.journal, 5) }, 'with 0 follow-ups'],
  ['a follow-up of a dead job', { journal: [...good.journal, start(50, 'e', 1, 0, 'b')] }, 'dead with 1 follow-ups'],
  ['dead too early', { dead: [letter('b', { attempts: 2 })] }, 'after 2 attempts'],
  ['dead of too few crashes', { dead: [letter('b', { reason: 'crashed', crashes: 4 })] }, 'after 4 crashes'],
  [
    'a follow-up that is left',
    { statuses: new Map([...good.statuses, ['c', status('queued')]]) },
    'after c: it is queued',
  ],
])('%s', (_, change, violation) => {
  const { violations } = judge({ ...good, ...change })
  expect(violations).toContainEqual(expect.stringContaining(violation))
})
