import type { DeadLetter, JobStatus } from '@isobar/core'
import { expect, test } from 'vitest'
import type { TimedEntry } from '../crash/journal.ts'
import { type ChaosEvidence, judgeChaos } from './judge.ts'

const status = (state: JobStatus['state'], attempt = 1): JobStatus => ({
  id: '',
  name: 'task',
  queue: 'task',
  priority: 'normal',
  state,
  attempt,
  crashes: 0,
  enqueuedAt: 0,
  dueAt: 0,
})
const letter = (id: string, crashes: number): DeadLetter => ({
  id,
  name: 'task',
  queue: 'task',
  priority: 'normal',
  reason: 'crashed',
  error: { name: 'Error', message: 'no' },
  attempts: 2,
  crashes,
  enqueuedAt: 0,
  diedAt: 0,
  redrives: 0,
  payload: { text: '{}' },
})
const start = (at: number, pid: number, id: string, attempt = 1, crashes = 0): TimedEntry => ({
  what: 'start',
  name: 'task',
  id,
  attempt,
  crashes,
  at,
  pid,
})
const after = (at: number, id: string, of: string): TimedEntry => ({ ...start(at, 9, id), name: 'after', of })
const said = (at: number, pid: number, what: 'end' | 'crash', id: string, attempt = 1, how?: string): TimedEntry => ({
  what,
  name: 'task',
  id,
  attempt,
  at,
  pid,
  ...(how !== undefined && { how }),
})

/** A job that crashed in company; one beside an exception; one whose exception it was, as a suspect; a poison pill. */
const good = {
  planned: new Map([
    ['exits', { fails: 0, ms: 1, mischief: 'exit' }],
    ['beside', { fails: 0, ms: 1 }],
    ['throws', { fails: 0, ms: 1, mischief: 'uncaught' }],
    ['poison', { fails: 0, ms: 1, mischief: 'exit', always: true }],
  ] as const),
  journal: [
    start(1, 1, 'exits'),
    said(2, 1, 'crash', 'exits', 1, 'exit'),
    start(3, 2, 'exits', 1, 1),
    said(4, 2, 'end', 'exits'),
    after(5, 'a', 'exits'),
    start(6, 3, 'beside'),
    start(6, 3, 'throws'),
    said(7, 3, 'crash', 'throws', 1, 'uncaught'),
    start(8, 4, 'beside'),
    said(9, 4, 'end', 'beside'),
    after(10, 'b', 'beside'),
    start(11, 5, 'throws', 1, 1),
    said(12, 5, 'end', 'throws'),
    after(13, 'c', 'throws'),
    start(20, 6, 'poison'),
    said(21, 6, 'crash', 'poison', 1, 'exit'),
    start(22, 7, 'poison', 1, 1),
    said(23, 7, 'crash', 'poison', 1, 'exit'),
    start(24, 8, 'poison', 2, 2),
    said(25, 8, 'crash', 'poison', 2, 'exit'),
  ],
  statuses: new Map([
    ['exits', status('done')],
    ['beside', status('done')],
    ['throws', status('done')],
    ['poison', status('dead', 2)],
    ...['a', 'b', 'c'].map((id) => [id, status('done')] as const),
  ]),
  dead: [letter('poison', 2)],
  tellsThrower: true,
} satisfies ChaosEvidence

test('a good end', () => {
  expect(judgeChaos(good)).toEqual({
    violations: [],
    done: 3,
    exhausted: 0,
    crashed: 1,
    starts: 12,
    repeats: 3,
    charged: 2,
    besides: 1,
  })
})

const changed = (at: number, change: Partial<TimedEntry>) => ({
  journal: good.journal.map((entry) => (entry.at === at ? { ...entry, ...change } : entry)),
})

test.each<[string, Partial<ChaosEvidence>, string]>([
  ['a neighbour is suspected', changed(8, { crashes: 1 }), 'beside: suspected'],
  [
    'an innocent is charged',
    { statuses: new Map([...good.statuses, ['beside', status('done', 2)]]) },
    'beside: done at attempt 2 after 0 failures',
  ],
  ['a suspect starts as if nothing had been', changed(3, { crashes: 0 }), 'exits: a delivery was started twice'],
  [
    'a crash in company is charged',
    { statuses: new Map([...good.statuses, ['exits', status('done', 2)]]) },
    'exits: done at attempt 2',
  ],
  [
    'a poison pill runs once too often',
    { journal: [...good.journal, start(26, 10, 'poison', 3, 3)] },
    'started 4 times',
  ],
  ['a poison pill is done', { dead: [] }, 'a poison pill, and not dead'],
  ['another is dead for it', { dead: [...good.dead, letter('beside', 2)] }, 'and no poison pill'],
  ['two acks', { journal: [...good.journal, after(30, 'd', 'beside')] }, 'beside: done with 2 follow-ups'],
  ['a job is not known', { statuses: new Map([...good.statuses, ['exits', undefined]]) }, 'exits: lost'],
])('%s', (_, change, violation) => {
  expect(judgeChaos({ ...good, ...change }).violations).toContainEqual(expect.stringContaining(violation))
})

test('where the runtime does not tell whose an exception is, its neighbours may be suspected, and not charged', () => {
  const suspected = { ...good, ...changed(8, { crashes: 1 }), tellsThrower: false }
  expect(judgeChaos(suspected).violations).toEqual([])
  expect(judgeChaos({ ...suspected, ...changed(8, { attempt: 2 }) }).violations).toContainEqual(
    expect.stringContaining('beside: attempt 2 began, and none before it had failed'),
  )
})
