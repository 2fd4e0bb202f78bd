import { expect, test } from 'vitest'
import { z } from 'zod'
import { createApp } from '../app.ts'
import { defineJob } from '../job.ts'
import { defineResource } from '../resource.ts'
import { runJob } from './run-job.ts'

const job = defineJob({
  name: 'job',
  data: z.object({ at: z.iso.datetime().transform((at) => new Date(at)) }),
  queue: 'mail',
  priority: 'high',
})
const plain = defineJob<unknown>({ name: 'plain' })
const next = defineJob<{ n: number }>({ name: 'next' })
const thing = defineResource<string>('thing')

test('reports what became of a job and what it did on the way, its data checked and sent through JSON', async () => {
  const app = createApp().on(job, async (ctx) => {
    ctx.log.info('hello', { n: 1 })
    ctx.progress({ percent: 50 })
    const { id } = await ctx.enqueue(next, { n: 2 }, { now: true })
    await ctx.enqueue(next, { n: 1 })
    return [id, ctx.data.at.getTime()]
  })
  const report = await runJob(app, job, { at: '1970-01-01T00:00:01Z' })
  expect(report).toEqual({
    outcome: { kind: 'ack', result: ['sent-0', 1_000], enqueue: [expect.objectContaining({ text: '{"n":1}' })] },
    enqueued: [
      { name: 'next', queue: 'default', priority: 'normal', text: '{"n":1}', delayMs: 0 },
      { name: 'next', queue: 'default', priority: 'normal', text: '{"n":2}', delayMs: 0 },
    ],
    logs: [{ level: 'info', message: 'hello', fields: { n: 1 } }],
    progress: [{ percent: 50 }],
  })
})

test('data change as they do on the wire', async () => {
  const app = createApp().on(plain, (ctx) => ctx.data)
  const { outcome } = await runJob(app, plain, { date: new Date(0), gone: undefined })
  expect(outcome).toEqual({ kind: 'ack', result: { date: '1970-01-01T00:00:00.000Z' } })
})

test('what a producer would refuse is refused', async () => {
  const app = createApp().on(job, () => {})
  await expect(runJob(app, job, { at: 'soon' })).rejects.toMatchObject({ code: 'INVALID_DATA' })
})

test('the job is as the options say, or its type', async () => {
  const app = createApp().on(job, ({ job: { data: _, enqueuedAt: __, ...rest } }) => rest)
  const data = { at: '1970-01-01T00:00:01Z' }
  expect((await runJob(app, job, data)).outcome).toMatchObject({
    result: { id: 'test', name: 'job', attempt: 1, priority: 'high', queue: 'mail' },
  })
  const { outcome } = await runJob(app, job, data, {
    attempt: 3,
    id: 'mine',
    tenant: 'acme',
    queue: 'q',
    priority: 'low',
  })
  expect(outcome).toMatchObject({ result: { id: 'mine', attempt: 3, tenant: 'acme', queue: 'q', priority: 'low' } })
})

test('resources are those given, else those provided', async () => {
  const app = createApp<{ name: string }>()
    .on(plain, (ctx) => ctx.use(thing))
    .provide(thing, { lifetime: 'isolate', create: ({ env }) => `provided ${env.name}` })
  expect((await runJob(app, plain, null, { provide: [[thing, 'given']] })).outcome).toMatchObject({ result: 'given' })
  expect((await runJob(app, plain, null, { env: { name: 'x' } })).outcome).toMatchObject({ result: 'provided x' })
})

test('the signal aborts the job', async () => {
  const waiting = createApp().on(
    plain,
    (ctx) => new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason))),
  )
  const controller = new AbortController()
  const report = runJob(waiting, plain, null, { signal: controller.signal })
  controller.abort()
  expect((await report).outcome).toMatchObject({ kind: 'release', error: { code: 'SHUTDOWN' } })
})

test('jobs that run beside each other have reports of their own, and leave no hook behind', async () => {
  const app = createApp().on(plain, async (ctx) => {
    await Promise.resolve()
    ctx.log.info(String(ctx.data))
    ctx.progress(ctx.data)
  })
  const reports = await Promise.all([1, 2, 3].map((n) => runJob(app, plain, n)))
  expect(reports.map(({ logs, progress }) => [logs.map(({ message }) => message), progress])).toEqual([
    [['1'], [1]],
    [['2'], [2]],
    [['3'], [3]],
  ])
})
