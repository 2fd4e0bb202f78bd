import { expect, expectTypeOf, it } from 'vitest'
import type { HandlerJob } from '../replay/contract.ts'
import { fromPgBoss, type PgBossJob, StandInError } from './pg-boss.ts'

const job: HandlerJob = { id: '7', name: 'receipt.send', data: { order: 7 }, attempt: 2 }

it('gives the handler an array of one job', async () => {
  const seen: unknown[] = []
  const handler = fromPgBoss(async (jobs) => {
    seen.push(...jobs)
    return jobs.length
  })
  await expect(handler(job)).resolves.toBe(1)
  await handler(job)
  expect(seen[0]).toMatchObject({ id: '7', name: 'receipt.send', data: { order: 7 }, retryCount: 1, state: 'active' })
  expect((seen[0] as PgBossJob).signal.aborted).toBe(false)
  expect((seen[0] as PgBossJob).signal).not.toBe((seen[1] as PgBossJob).signal)
  expect((seen[0] as PgBossJob).data).not.toBe(job.data)
})

it('fails with what the handler throws', async () => {
  const error = new Error('no mailbox')
  await expect(fromPgBoss(() => Promise.reject(error))(job)).rejects.toBe(error)
})

it('says that a transaction needs a database', async () => {
  const error = await fromPgBoss((_jobs, tx) => tx.executeSql('select 1'))(job).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StandInError)
  expect((error as Error).message).toMatch('tx.executeSql() needs a PostgreSQL database')
})

it('fails a job that the handler does not report as completed, where it is to report', async () => {
  const answering = (answer: unknown) => fromPgBoss(async () => answer, { perJobResults: true })(job)
  await expect(answering([{ id: '7', status: 'completed' }])).resolves.toBeDefined()
  await expect(answering([{ id: '7', status: 'failed' }])).rejects.toThrow('job 7 was reported as failed')
  await expect(answering([{ id: '7', status: 'deadletter' }])).rejects.toThrow('reported as deadletter')
  await expect(answering([])).rejects.toThrow('job 7 was left out by the handler')
  await expect(answering(undefined)).rejects.toThrow('left out')
  await expect(fromPgBoss(async () => [{ id: '7', status: 'failed' }])(job)).resolves.toBeDefined()
})

it('refuses what is no function', () => {
  expect(() => fromPgBoss('send' as never)).toThrow('fromPgBoss was given a value of type string; give it the handler')
})

it('takes a handler that is typed with pg-boss', () => {
  interface Job<Data> {
    id: string
    data: Data
    groupId?: string | null
  }
  const handler = async (_jobs: Job<{ to: string }>[]): Promise<void> => {}
  expectTypeOf(fromPgBoss(handler)).toEqualTypeOf<(job: HandlerJob) => Promise<unknown>>()
  fromPgBoss(([given]) => expectTypeOf(given).toEqualTypeOf<PgBossJob | undefined>())
})
