import { createProducer } from '@isobar/core/producer'
import { expect, test } from 'vitest'
import { postgres } from '../src/postgres/index.ts'
import { createDatabase } from './database.ts'
import { followUp, held } from './held-jobs.ts'
import { launchWorker } from './worker-process.ts'

const LEASE_MS = 1_500

/**
 * A worker is stopped by the system in the middle of a job, for longer than its lease, as a laptop's lid or a long swap
 * does it. It wakes while another has the job, or after that one is through with it; and it learns of its loss by the
 * next heartbeat, or, when its handler is through before that, by its settle.
 */
test.each([
  { wakes: 'while another has the job', told: 'by its heartbeat' },
  { wakes: 'while another has the job', told: 'by its settle' },
  { wakes: 'after another has done it', told: 'by its heartbeat' },
  { wakes: 'after another has done it', told: 'by its settle' },
])('a worker that wakes $wakes, its lease over, is told so $told and changes nothing', async ({ wakes, told }) => {
  await using database = await createDatabase()
  await using broker = postgres(database.url, { retain: '1h' })
  await broker.ready()
  const producer = createProducer(broker)
  const launch = (name: string) => launchWorker('held-worker.ts', [database.url, name, String(LEASE_MS)])

  await using sleeper = launch('sleeper')
  const { id } = await producer.enqueue(held, 'job')
  await sleeper.said('started job')
  await using other = launch('other')
  await other.said('serving')

  sleeper.kill('SIGSTOP')
  expect(await other.said('started job')).toBe('started job attempt 1')
  const finish = async (): Promise<void> => {
    other.tell('finish')
    // The follow-up is there when the ack is.
    await other.said('followed')
  }
  const done = { state: 'done', attempt: 1, crashes: 1, result: { from: 'other' } }
  const now = wakes.startsWith('after') ? done : { state: 'running', attempt: 1, crashes: 1 }
  if (now === done) await finish()
  expect(await producer.get(id)).toMatchObject(now)

  if (told === 'by its settle') sleeper.tell('finish')
  sleeper.kill('SIGCONT')
  if (told === 'by its heartbeat') {
    expect(await sleeper.said('aborted')).toBe('aborted LEASE_LOST')
    sleeper.tell('finish')
  }
  await sleeper.said('finished job')
  sleeper.kill('SIGTERM')
  expect(await sleeper.exit).toBe(0)
  expect(sleeper.lines.at(-1)).toBe('stopped done=0 lost=1')

  expect(await producer.get(id)).toMatchObject(now)
  if (now !== done) await finish()
  expect(await producer.get(id)).toMatchObject(done)
  other.kill('SIGTERM')
  expect(await other.exit).toBe(0)
  expect(other.lines.at(-1)).toBe('stopped done=2 lost=0')
  expect([...sleeper.lines, ...other.lines].filter((line) => line.startsWith('followed'))).toEqual([
    'followed job other',
  ])
  const none = { ready: 0, delayed: 0, active: 0, dead: 0 }
  expect(await broker.stats([held.queue, followUp.queue])).toMatchObject([none, none])
})
