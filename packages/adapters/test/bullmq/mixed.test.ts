import { once } from 'node:events'
import { createApp, defineJob, fixed, type JobType, Unrecoverable } from '@isobar/core'
import { expect, test } from 'vitest'
import { toId, toJobKey } from '../../src/bullmq/keys.ts'
import { any, open, until } from './mixed-queue.ts'

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
