import { randomBytes } from 'node:crypto'
import type { HookEvents } from '@isobar/core'
import { Queue } from 'bullmq'
import { afterAll, expect, test } from 'vitest'
import { serviceUrl } from '../../../../scripts/services/service-url.ts'
import { jobLogs } from '../../src/bullmq/job-logs.ts'
import { toId } from '../../src/bullmq/keys.ts'
import { removeKeys } from './redis.ts'

const url = await serviceUrl('redis')
const prefix = `isobar_test_${randomBytes(6).toString('hex')}`
const queue = new Queue('q', { connection: { url, maxRetriesPerRequest: null }, prefix })

afterAll(async () => {
  await queue.close()
  await removeKeys(url, prefix)
})

const line = (id: string, message: string, rest: Partial<HookEvents['log']> = {}): HookEvents['log'] => ({
  job: {
    id: toId('q', id),
    name: 'work',
    queue: 'q',
    priority: 'normal',
    attempt: 1,
    crashes: 0,
    enqueuedAt: 0,
    dueAt: 0,
    payload: { text: '' },
  },
  level: 'info',
  message,
  fields: {},
  at: 0,
  ...rest,
})

test('what a job logs is what BullMQ shows, and it goes with the job', async () => {
  const { id = '' } = await queue.add('work', {})
  const logs = jobLogs({ connection: url, prefix })
  logs.on.log(line(id, 'one'))
  logs.on.log(line(id, 'two', { level: 'warn', fields: { to: 'ann', n: 2 } }))
  logs.on.log(line(id, 'three', { fields: { n: 1n } }))
  logs.on.log(line(id, 'x'.repeat(5_000)))
  logs.on.log(line('gone', 'of a job that is not there'))
  await logs.dispose()
  expect(logs.stats()).toEqual({ written: 2, dropped: 0 })
  const rows = ['one', '[warn] two {"to":"ann","n":2}', 'three (fields that could not be written as JSON)']
  expect(await queue.getJobLogs(id)).toEqual({ logs: [...rows, 'x'.repeat(4_096)], count: 4 })
  expect(await queue.getJobLogs('gone')).toEqual({ logs: [], count: 0 })
  await queue.remove(id)
  expect(await queue.getJobLogs(id)).toEqual({ logs: [], count: 0 })
})

test('the latest rows are kept', async () => {
  const { id = '' } = await queue.add('work', {})
  const write = async (from: number, to: number): Promise<void> => {
    await using logs = jobLogs({ connection: url, prefix, keep: 3 })
    for (let n = from; n < to; n++) logs.on.log(line(id, `row ${n}`))
  }
  await write(0, 10)
  expect((await queue.getJobLogs(id)).logs).toEqual(['row 7', 'row 8', 'row 9'])
  await write(10, 12)
  expect((await queue.getJobLogs(id)).logs).toEqual(['row 9', 'row 10', 'row 11'])
})

test('refuses what cannot be', () => {
  for (const keep of [0, 1.5, 5_001])
    expect(() => jobLogs({ connection: url, keep })).toThrow(expect.objectContaining({ code: 'OPTION' }))
  expect(() => jobLogs({ connection: '' })).toThrow('the log of jobs needs a connection')
})
