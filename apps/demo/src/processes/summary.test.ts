import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { DemoStatus } from './demo.ts'
import { toSummary } from './summary.ts'

const ledger = { done: 90, retried: 4, failedAttempts: 6, dead: { exhausted: 1, invalid: 2 } } as const
const status: DemoStatus = {
  total: 93,
  ended: 93,
  endedBefore: 0,
  starts: 1,
  goesOn: false,
  notices: [],
  crashed: { jobs: 0, times: 0 },
  elapsedMs: 1_500,
  ledger,
  expected: ledger,
  deadNotes: [
    { id: 'job-2', name: 'email.incoming', reason: 'invalid', message: 'm'.repeat(200) },
    { id: 'job-1', name: 'email.incoming', reason: 'invalid', message: 'first' },
    { id: 'job-3', name: 'email.send', reason: 'exhausted', message: 'down' },
  ],
  mail: { messages: 40, bytes: 2_500_000 },
  memory: [],
  slope: 0.4,
  ends: { first: { jobs: 46, medianMs: 2, bytes: 40e6 }, last: { jobs: 46, medianMs: 1.5, bytes: 40.1e6 } },
}
const linesOf = (changes: Partial<DemoStatus>, columns?: number) =>
  stripVTControlCharacters(toSummary({ ...status, ...changes }, columns)).split('\n')

test('a whole run is compared with what was foreseen', () => {
  const text = linesOf({}).join('\n')
  expect(text).toMatch(/93 of 93 jobs in 1\.5 s, 62 a second/)
  expect(text).toMatch(/dead letters +3 +exhausted 1, invalid 2/)
  expect(text).toMatch(/ledger +as foreseen/)
  expect(text).toMatch(/memory +40\.0 MB +40\.1 MB/)
  expect(text).toMatch(/a job leaves +\+0\.4 B/)
})

test('a ledger that differs is told, and what it should have been', () => {
  const expected = { ...ledger, done: 91 }
  expect(linesOf({ expected }).join('\n')).toMatch(/NOT as foreseen: \[91,/)
})

test('a run that was ended early is compared with nothing', () => {
  expect(linesOf({ ended: 50 }).join('\n')).toMatch(/ledger +not complete: the run was ended early/)
  expect(linesOf({ ended: 50, goesOn: true }).join('\n')).toMatch(/ledger +not complete: start it again/)
})

test('a run that was gone on with tells what is of this start and what is of all', () => {
  const text = linesOf({ starts: 3, endedBefore: 33, crashed: { jobs: 12, times: 14 } }).join('\n')
  expect(text).toMatch(/93 of 93 jobs, 60 of them in 1\.5 s, 40 a second/)
  expect(text).toContain('start 3 of this run: it went on at 33 jobs')
  expect(text).toMatch(/40 messages sent by SMTP, 2\.5 MB, since this start/)
  expect(text).toMatch(/handed out again +12 .* 14 times in all/)
  expect(linesOf({ notices: ['all is well'] })).toContain('  note: all is well')
  expect(linesOf({}).join('\n')).not.toMatch(/note|start|handed out again/)
})

test('one dead letter of each reason is listed, in as many columns as there are', () => {
  const lines = linesOf({}, 60)
  expect(lines.filter((line) => line.includes('job-'))).toEqual([
    '    exhausted      email.send     job-3  down',
    '    invalid        email.incoming job-1  first',
  ])
  const [long] = linesOf({ deadNotes: status.deadNotes.slice(0, 1) }, 60).filter((line) => line.includes('job-2'))
  expect(long).toHaveLength(59)
  expect(long?.endsWith('…')).toBe(true)
})
