import { createApp } from '@isobar/core'
import { DelayedError, FlowProducer, type Job, type Processor, UnrecoverableError } from 'bullmq'
import { expect, onTestFinished, test } from 'vitest'
import { fromBullMQ } from '../../src/bullmq/from-bullmq.ts'
import { jobLogs } from '../../src/bullmq/job-logs.ts'
import { any, connection, open, prefix, until, url } from './mixed-queue.ts'

test('a queue that BullMQ pauses hands nothing out to isobar, and the other way round', async () => {
  const { name, queue, broker, serve, work } = open()
  const seen: unknown[] = []
  await queue.pause()
  await queue.add('work', 1)
  serve(createApp().on(any(name), (ctx) => void seen.push(ctx.data)))
  expect(await broker.stats([name])).toMatchObject([{ paused: true, ready: 1 }])
  await queue.resume()
  await until(() => seen.length === 1)

  await broker.pause(name)
  expect(await queue.isPaused()).toBe(true)
  await work(async (job) => void seen.push(job.data))
  await queue.add('work', 2)
  await broker.resume(name)
  await until(() => seen.length === 2)
  expect(seen).toEqual([1, 2])
})

test('a job scheduler of BullMQ goes on when isobar does its jobs', async () => {
  const { name, queue, serve } = open()
  const seen: unknown[] = []
  serve(createApp().on(any(name, 'tick'), (ctx) => void seen.push(ctx.data)))
  await queue.upsertJobScheduler('every-now-and-then', { every: 50 }, { name: 'tick', data: { n: 1 } })
  await until(() => seen.length >= 3)
  expect(seen.slice(0, 3)).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }])
  await queue.removeJobScheduler('every-now-and-then')
})

test('a flow: isobar does the children, and then the parent', async () => {
  const { name, queue, serve } = open({ retain: '1h' })
  const flows = new FlowProducer({ connection, prefix })
  try {
    const seen: unknown[] = []
    const app = createApp()
      .on(any(name, 'child'), (ctx) => void seen.push(ctx.data))
      .on(any(name, 'parent'), () => void seen.push('parent'))
    serve(app, 1)
    const { job } = await flows.add({
      name: 'parent',
      queueName: name,
      children: [1, 2].map((data) => ({ name: 'child', queueName: name, data: { n: data } })),
    })
    await until(() => job.isCompleted())
    expect(seen).toEqual([{ n: 1 }, { n: 2 }, 'parent'])
    expect(await queue.getJobCounts('waiting-children', 'failed')).toEqual({ 'waiting-children': 0, failed: 0 })
  } finally {
    await flows.close()
  }
})

test('a processor that BullMQ runs runs on isobar as it stands, with progress and logs', async () => {
  const processor = async (job: Job<{ n: number }>): Promise<unknown> => {
    await job.updateProgress(50)
    await job.log(`n is ${job.data.n}`)
    if (job.data.n === 3) throw new UnrecoverableError('three')
    if (job.data.n === 2 && moved++ === 0) {
      await job.moveToDelayed(Date.now() + 20, job.token)
      throw new DelayedError()
    }
    return { id: job.id, name: job.name, queue: job.queueName, data: job.data, attemptsMade: job.attemptsMade }
  }
  let moved = 0
  const outcomes = async (start: (opened: ReturnType<typeof open>) => Promise<unknown>): Promise<unknown[]> => {
    moved = 0
    const opened = open({ retain: '1h' })
    const { queue } = opened
    await queue.addBulk([1, 2, 3].map((n) => ({ name: 'work', data: { n } })))
    await start(opened)
    await until(async () => (await queue.getJobCountByTypes('completed', 'failed')) === 3)
    const jobs = await Promise.all(['1', '2', '3'].map((id) => queue.getJob(id)))
    return await Promise.all(
      jobs.map(async (job) => {
        const { logs } = await queue.getJobLogs(job?.id ?? '')
        const { id, progress, returnvalue, failedReason, attemptsMade } = job as Job
        const result = returnvalue && { ...returnvalue, queue: returnvalue.queue === opened.name }
        return { id, state: await job?.getState(), progress, result, failedReason, attemptsMade, logs }
      }),
    )
  }
  const theirs = await outcomes(({ work }) => work(processor, 1))
  const ours = await outcomes(async ({ name, serve }) => {
    const logs = jobLogs({ connection: url, prefix, every: 1 })
    serve(
      createApp()
        .use(logs)
        .on(any(name), fromBullMQ(processor as Processor)),
      1,
    )
    onTestFinished(() => logs.dispose())
    await until(() => logs.stats().written >= 3)
  })
  expect(ours).toEqual(theirs)
})

test('the limits that BullMQ has set for a whole queue hold for isobar', async () => {
  // So long that the test ends before, where a job that ends wakes nobody.
  const { name, queue, serve, producer } = open({ poll: '1m' })
  await queue.setGlobalConcurrency(2)
  let running = 0
  let most = 0
  let done = 0
  const app = createApp().on(any(name), async () => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, 5))
    running--
    done++
  })
  serve(app)
  await producer.enqueueMany(any(name), Array(20).fill(null))
  await until(() => done === 20)
  expect(most).toBe(2)
})
