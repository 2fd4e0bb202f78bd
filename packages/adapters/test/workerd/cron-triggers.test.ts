import { createApp, defineJob, type JobSpec } from '@isobar/core'
import { Cron } from 'croner'
import { describe, expect, test } from 'vitest'
import { cronTriggers, type QueueBindings, toWorker } from '../../src/cloudflare/index.ts'
import { openWorkerd } from './open-workerd.ts'

const CONSUMER = new URL('./fixtures/consumer.ts', import.meta.url)

test('an event enqueues the jobs of those schedules that have the expression of its trigger', async () => {
  const { miniflare, ask } = await openWorkerd(CONSUMER, {
    queueProducers: { JOBS: 'jobs', HIGH: 'high', LOW: 'low', FULL: 'full', DLQ: 'dead' },
    queueConsumers: { jobs: { maxBatchTimeout: 0.05 } },
    d1Databases: { DB: 'db' },
  })
  const worker = await miniflare.getWorker('subject')
  const scheduledTime = new Date('2026-11-25T03:05:00.123Z')
  expect(await worker.scheduled({ cron: '*/5 * * * *', scheduledTime })).toMatchObject({ outcome: 'ok' })
  const said: string[] = []
  while (said.length === 0) said.push(...(await ask<string[]>('/said')))
  expect(said).toEqual(['nightly 5 schedule:often@2026-11-25T03:05:00.000Z'])
  expect(await worker.scheduled({ cron: '1 2 3 4 5', scheduledTime })).toMatchObject({ outcome: 'exception' })
})

describe('with a parser', () => {
  const cron = {
    next: (expression: string, after: Date, timezone: string) =>
      new Cron(expression, { timezone, paused: true }).nextRun(after) ?? undefined,
  }
  interface Env {
    readonly JOBS: Queue
    readonly DLQ: Queue
  }
  type Queue = NonNullable<Parameters<typeof toSent>[0]>
  const toSent = (queue: {
    sent: { body: string }[]
    send(): Promise<never>
    sendBatch(messages: Iterable<{ body: string }>): Promise<never>
  }) => queue.sent.map(({ body }) => (JSON.parse(body) as JobSpec).id)
  const job = defineJob({ name: 'tick', queue: 'jobs' })
  const queues: QueueBindings<Env> = { jobs: 'JOBS' as never }

  test.each([
    // Berlin is an hour ahead of UTC in winter and two in summer.
    ['2026-11-25T05:00:00Z', ['schedule:berlin@2026-11-25T05:00:00.000Z', 'schedule:each@2026-11-25T05:00:00.000Z']],
    ['2026-07-25T04:00:30Z', ['schedule:berlin@2026-07-25T04:00:00.000Z', 'schedule:each@2026-07-25T04:00:00.000Z']],
    ['2026-07-25T05:00:00Z', ['schedule:each@2026-07-25T05:00:00.000Z']],
    ['2026-07-25T05:01:59Z', ['schedule:each@2026-07-25T05:01:00.000Z']],
  ])('at %s the minute has these ticks', async (time, ids) => {
    const sent: { body: string }[] = []
    const JOBS = {
      sent,
      send: async () => undefined as never,
      sendBatch: async (messages: Iterable<{ body: string }>) => void sent.push(...messages) as never,
    }
    const app = createApp<Env>()
      .on(job, () => {})
      .schedule(job, '0 6 * * *', { name: 'berlin', timezone: 'Europe/Berlin' })
      .schedule(job, '* * * * *', { name: 'each' })
    const { scheduled } = toWorker<Env>(app, { deadLetter: 'DLQ' as never, queues, scheduled: cronTriggers({ cron }) })
    const event = { cron: '* * * * *', scheduledTime: Date.parse(time) } as never
    await scheduled?.(event, { JOBS, DLQ: JOBS } as never, {} as never)
    expect(toSent(JOBS)).toEqual(ids)
  })
})

describe('schedules that cannot run are refused at start', () => {
  const job = defineJob({ name: 'tick' })
  const app = () => createApp<{ DLQ: never }>().on(job, () => {})
  const options = { deadLetter: 'DLQ' as never }

  test('without cronTriggers', () => {
    expect(() => toWorker(app().schedule(job, '* * * * *'), options)).toThrow(/scheduled: cronTriggers\(\)/)
  })
  test('in a time zone, without a parser', () => {
    const zoned = app().schedule(job, '0 6 * * *', { timezone: 'Europe/Berlin' })
    expect(() => toWorker(zoned, { ...options, scheduled: cronTriggers() })).toThrow(/Europe\/Berlin.*UTC/)
  })
  test('that make up for missed ticks', () => {
    const missed = app().schedule(job, '0 6 * * *', { missed: 'once' })
    expect(() => toWorker(missed, { ...options, scheduled: cronTriggers() })).toThrow(/no record/)
  })
})
