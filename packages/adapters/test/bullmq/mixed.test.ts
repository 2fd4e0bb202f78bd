import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type App, createApp, defineJob, fixed, type JobType, Unrecoverable } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { createWorker, inProcess } from '@isobar/core/worker'
import {
  DelayedError,
  FlowProducer,
  type Job,
  type Processor,
  Queue,
  QueueEvents,
  UnrecoverableError,
  Worker,
} from 'bullmq'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { serviceUrl } from '../../../../scripts/services/service-url.ts'
import { fromBullMQ } from '../../src/bullmq/from-bullmq.ts'
import { type BullmqOptions, bullmq } from '../../src/bullmq/index.ts'
import { jobLogs } from '../../src/bullmq/job-logs.ts'
import { toId, toJobKey } from '../../src/bullmq/keys.ts'
import { removeKeys } from './redis.ts'

const url = await serviceUrl('redis')
const prefix = `isobar_test_${randomBytes(6).toString('hex')}`
const connection = { url, maxRetriesPerRequest: null }

afterAll(() => removeKeys(url, prefix))

/** Data of any kind. */
const any = (queue: string, name = 'work', attempts = 3): JobType<unknown> =>
  defineJob<never>({ name, queue, retry: { attempts, backoff: fixed(0) } }) as JobType<unknown>

/** A queue of its own, as BullMQ has it and as isobar does, for the length of a test. */
function open(options: BullmqOptions = {}) {
  const name = `q-${randomBytes(4).toString('hex')}`
  const stack = new AsyncDisposableStack()
  onTestFinished(() => stack.disposeAsync())
  const queue = stack.adopt(new Queue(name, { connection, prefix }), (queue) => queue.close())
  const broker = stack.use(bullmq(url, { prefix, ...options }))
  return {
    name,
    queue,
    broker,
    producer: createProducer(broker),
    /** A worker of isobar's. */
    serve(app: App, concurrency = 10) {
      const executor = stack.use(inProcess(app, { concurrency }))
      const worker = stack.use(createWorker(broker, executor, { queues: [name] }))
      worker.start()
      return worker
    },
    /** A worker of BullMQ's. */
    async work(processor: (job: Job) => Promise<unknown>, concurrency = 10): Promise<Worker> {
      const worker = new Worker(name, processor, { connection, prefix, concurrency })
      stack.adopt(worker, (worker) => worker.close())
      await worker.waitUntilReady()
      return worker
    },
    async events(): Promise<QueueEvents> {
      const events = stack.adopt(new QueueEvents(name, { connection, prefix }), (events) => events.close())
      await events.waitUntilReady()
      return events
    },
  }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 2))
}

test('what a producer of BullMQ adds arrives with its name, id and data', async () => {
  const { name, queue, serve } = open()
  const big = 'x'.repeat(500_000)
  const data = [null, 0, false, '', '漢 😀 \u2028 "', { nested: [{ deep: [] }], empty: {} }, [1, [2]], big, 1e21]
  const added = await queue.addBulk(data.map((data) => ({ name: 'work', data })))
  added.push(await queue.add('other', { to: 'ann' }, { jobId: 'chosen by me' }), await queue.add('work', undefined))
  const seen = new Map<string, unknown>()
  const note = (ctx: { job: { id: string; name: string; queue: string }; attempt: number; data: unknown }) => {
    expect([ctx.job.queue, ctx.attempt]).toEqual([name, 1])
    seen.set(ctx.job.id, [ctx.job.name, ctx.data])
  }
  serve(createApp().on(any(name), note).on(any(name, 'other'), note))
  await until(() => seen.size === added.length)
  expect(seen.get('chosen by me')).toEqual(['other', { to: 'ann' }])
  for (const [n, data_] of data.entries()) expect(seen.get(toId(name, added[n]?.id ?? ''))).toEqual(['work', data_])
  // What BullMQ makes of nothing.
  expect(seen.get(toId(name, added.at(-1)?.id ?? ''))).toEqual(['work', {}])
})

test('their priorities, order and delays hold', async () => {
  const { name, queue, serve } = open()
  const seen: unknown[] = []
  const delay = 300
  const before = Date.now()
  await queue.add('work', 'late', { delay })
  for (const priority of [30, 2_000_000, 1, 30, 0])
    await queue.add('work', `${priority} ${seen.push(0)}`, { ...(priority && { priority }) })
  await queue.add('work', 'last in', { lifo: true })
  seen.length = 0
  let late = 0
  const app = createApp().on(any(name), (ctx) => {
    if (ctx.data === 'late') late = Date.now()
    seen.push(ctx.data)
  })
  serve(app, 1)
  await until(() => seen.length === 7)
  const inOrder = seen.filter((data) => data !== 'late')
  expect(inOrder).toEqual(['last in', '0 5', '1 3', '30 1', '30 4', '2000000 2'])
  expect(late - before).toBeGreaterThanOrEqual(delay)
})

test('what isobar enqueues, a worker of BullMQ does', async () => {
  const { name, producer, work, queue } = open()
  const type = any(name)
  const ids = (await producer.enqueueMany(type, [{ a: 1 }, null, '漢 😀', [1]])).map(({ id }) => id)
  ids.push((await producer.enqueue(type, 'chosen', { id: 'mine', priority: 'high' })).id)
  ids.push((await producer.enqueue(type, 'delayed', { delay: 100, priority: 'low' })).id)
  expect(await queue.getJobCounts('wait', 'prioritized', 'delayed')).toMatchObject({ delayed: 1 })
  const seen = new Map<string | undefined, unknown>()
  const worker = await work(async (job) => {
    seen.set(job.id, [job.name, job.data, job.attemptsMade])
    return { of: job.data }
  })
  const done: unknown[] = []
  worker.on('completed', (job, result) => done.push([job.id, result]))
  await until(() => done.length === ids.length)
  const expected = [{ a: 1 }, null, '漢 😀', [1], 'chosen', 'delayed']
  for (const [n, id] of ids.entries()) expect(seen.get(toJobKey(id).id)).toEqual(['work', expected[n], 0])
  expect(ids).toContain('mine')
})

test('workers of both kinds on one queue do each job once', async () => {
  const { name, queue, producer, serve, work } = open()
  const type = any(name)
  const jobs = 400
  const all = Array.from({ length: jobs }, (_, n) => n)
  const starts = new Map<number, number>()
  const by = { isobar: 0, bullmq: 0 }
  const start = async (n: number, who: keyof typeof by) => {
    starts.set(n, (starts.get(n) ?? 0) + 1)
    by[who]++
    await new Promise((resolve) => setTimeout(resolve, 2))
    // A fifth fails once, wherever it runs, and is tried again by whoever comes first.
    if (n % 5 === 0 && starts.get(n) === 1) throw new Error('once')
  }
  serve(
    createApp().on(type, (ctx) => start(ctx.data as number, 'isobar')),
    4,
  )
  await work((job) => start(job.data as number, 'bullmq'), 4)
  await Promise.all([
    queue.addBulk(all.filter((n) => n % 2).map((data) => ({ name: 'work', data, opts: { attempts: 3 } }))),
    // A worker of BullMQ goes by the attempts in the job, and isobar's jobs have none: those are for isobar to fail.
    producer.enqueueMany(
      type,
      all.filter((n) => n % 2 === 0),
    ),
  ])
  await until(async () => {
    for (const job of await queue.getFailed()) await job.retry()
    return (
      starts.size === jobs &&
      (await queue.getJobCountByTypes('active', 'wait', 'prioritized', 'delayed', 'failed')) === 0
    )
  })
  expect([...starts].filter(([n, count]) => count !== (n % 5 === 0 ? 2 : 1))).toEqual([])
  expect(by.isobar).toBeGreaterThan(20)
  expect(by.bullmq).toBeGreaterThan(20)
})

test('QueueEvents and jobs tell of isobar what they tell of BullMQ: progress, result, state', async () => {
  const { name, queue, serve, events } = open({ retain: '1h' })
  const told = await events()
  const heard: unknown[] = []
  for (const event of ['active', 'progress', 'completed'] as const)
    told.on(event, ({ jobId, ...rest }: { jobId: string }) => heard.push([event, jobId, rest]))
  const gate = Promise.withResolvers<void>()
  const app = createApp().on(any(name), async (ctx) => {
    ctx.progress({ percent: 50 })
    await gate.promise
    return { sent: 1 }
  })
  const job = await queue.add('work', {})
  const finished = job.waitUntilFinished(told)
  serve(app)
  await until(() => heard.some((one) => (one as unknown[])[0] === 'progress'))
  expect(await job.getState()).toBe('active')
  expect(await queue.getJob(job.id ?? '')).toMatchObject({ progress: { percent: 50 }, processedOn: expect.any(Number) })
  gate.resolve()
  expect(await finished).toEqual({ sent: 1 })
  expect(await job.getState()).toBe('completed')
  const after = await queue.getJob(job.id ?? '')
  expect(after).toMatchObject({ returnvalue: { sent: 1 }, finishedOn: expect.any(Number) })
  expect(heard).toEqual([
    ['active', job.id, expect.objectContaining({ prev: 'waiting' })],
    ['progress', job.id, { data: { percent: 50 } }],
    ['completed', job.id, { returnvalue: { sent: 1 }, prev: 'active' }],
  ])
})

test('by default a job that is done is gone, as with removeOnComplete', async () => {
  const { name, queue, serve, events } = open()
  const told = await events()
  const job = await queue.add('work', {})
  const finished = job.waitUntilFinished(told)
  serve(createApp().on(any(name), () => 'result'))
  expect(await finished).toBe('result')
  expect(await job.getState()).toBe('unknown')
  expect(await queue.getJobCounts('completed', 'active', 'wait')).toMatchObject({ completed: 0, active: 0 })
})

test('a dead letter is a failed job, which BullMQ retries and isobar redrives', async () => {
  const { name, queue, broker, producer, serve, events } = open({ retain: '1h' })
  const told = await events()
  const type = any(name)
  let isMended = false
  const attempts: number[] = []
  const app = createApp().on(type, (ctx) => {
    attempts.push(ctx.attempt)
    if (!isMended) throw new Unrecoverable('no such user')
    return 'mended'
  })
  const failed = once(told as unknown as NodeJS.EventEmitter, 'failed')
  const { id } = await producer.enqueue(type, { to: 'ann' })
  const { id: rawId } = toJobKey(id)
  serve(app)
  const [event] = await failed
  expect(event).toMatchObject({ jobId: rawId, failedReason: 'no such user', prev: 'active' })
  const dead = await queue.getJob(rawId)
  expect(await dead?.getState()).toBe('failed')
  expect(dead).toMatchObject({ failedReason: 'no such user', attemptsMade: 1, data: { to: 'ann' } })
  expect(dead?.stacktrace?.[0]).toContain('no such user')
  const { items } = await broker.deadLetters.list({ queue: name })
  expect(items).toMatchObject([{ id, reason: 'unrecoverable', attempts: 1, error: { message: 'no such user' } }])

  const again = once(told as unknown as NodeJS.EventEmitter, 'failed')
  await dead?.retry()
  await again
  expect(attempts).toEqual([1, 2])
  isMended = true
  const completed = once(told as unknown as NodeJS.EventEmitter, 'completed')
  await queue.retryJobs({ state: 'failed' })
  expect((await completed)[0]).toMatchObject({ jobId: rawId, returnvalue: 'mended' })
  expect(await broker.deadLetters.list({ queue: name })).toEqual({ items: [] })
  expect(await producer.get(id)).toMatchObject({ state: 'done', result: 'mended' })
})

test('what a worker of BullMQ gave up is a dead letter of isobar', async () => {
  const { name, queue, broker, producer, serve, work } = open({ retain: '1h' })
  const worker = await work(() => Promise.reject(new TypeError('not today')))
  const failed = once(worker, 'failed')
  const job = await queue.add('work', { n: 1 }, { attempts: 1 })
  await failed
  const { items } = await broker.deadLetters.list({ queue: name })
  expect(items).toMatchObject([
    { id: toId(name, job.id ?? ''), name: 'work', attempts: 1, error: { message: 'not today' } },
  ])
  expect(items[0]).toMatchObject({ reason: 'exhausted', payload: { text: '{"n":1}' } })
  await worker.close()
  const seen: unknown[] = []
  serve(createApp().on(any(name), (ctx) => void seen.push([ctx.attempt, ctx.data])))
  expect(await broker.deadLetters.redrive({ queue: name })).toBe(1)
  await until(() => seen.length === 1)
  expect(seen).toEqual([[1, { n: 1 }]])
  await until(async () => (await producer.get(toId(name, job.id ?? '')))?.state === 'done')
})

test('a job that waits for its next attempt is delayed, and can be promoted', async () => {
  const { name, queue, serve } = open()
  const type = defineJob<unknown>({ name: 'work', queue: name, retry: { attempts: 2, backoff: fixed('1h') } })
  const seen: number[] = []
  const app = createApp().on(type as JobType<unknown>, ({ attempt }) => {
    seen.push(attempt)
    if (attempt === 1) throw new Error('not yet')
  })
  const job = await queue.add('work', {})
  serve(app)
  await until(() => job.isDelayed())
  expect(await queue.getJob(job.id ?? '')).toMatchObject({ attemptsMade: 1, failedReason: 'not yet' })
  await job.promote()
  await until(() => seen.length === 2)
  expect(seen).toEqual([1, 2])
})

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
