import { expect, test, vi } from 'vitest'
import { job, setUpWorker } from '../../test/set-up-worker.ts'
import { defineJob } from '../job.ts'
import { createMemoryBroker } from '../memory/index.ts'
import { override } from '../testing/override.ts'
import { stressWorker } from '../testing/stress-worker.ts'

/** A promise and the function that resolves it. */
const gate = () => Promise.withResolvers<void>()

test('runs what is enqueued, and says so', async () => {
  const { clock, broker, app, producer, start } = setUpWorker()
  const seen: number[] = []
  app.on(job, (ctx) => void seen.push(ctx.data))
  await producer.enqueueMany(job, [1, 2, 3, 4, 5])
  const worker = start()
  await clock.advance(1)
  expect(seen).toEqual([1, 2, 3, 4, 5])
  await worker.stop()
  expect(worker.health()).toMatchObject({
    state: 'stopped',
    healthy: true,
    counts: { done: 5, retried: 0, dead: 0, released: 0, lost: 0 },
    running: 0,
    buffered: 0,
  })
  await broker[Symbol.asyncDispose]()
  expect(clock.pending).toBe(0)
})

test('runs no more at once than its executor has slots', async () => {
  const { clock, app, producer, start } = setUpWorker({ concurrency: 3 })
  const open = gate()
  let running = 0
  let most = 0
  app.on(job, async () => {
    most = Math.max(most, ++running)
    await open.promise
    running--
  })
  await producer.enqueueMany(job, [1, 2, 3, 4, 5, 6, 7, 8])
  const worker = start()
  await clock.advance(1)
  expect(most).toBe(3)
  open.resolve()
  await clock.advance(1)
  expect([most, worker.health().counts.done]).toEqual([3, 8])
  await worker.stop()
})

test('keeps the limit of a queue, and reads it again as soon as it is below', async () => {
  const slow = defineJob<number>({ name: 'slow', queue: 'slow' })
  const { clock, app, producer, start } = setUpWorker({
    concurrency: 5,
    queues: [{ name: 'slow', concurrency: 1 }, 'default'],
  })
  const gates = [gate(), gate()]
  const started: number[] = []
  app.on(slow, async (ctx) => {
    started.push(ctx.data)
    await gates[ctx.data]?.promise
  })
  app.on(job, () => {})
  await producer.enqueueMany(slow, [0, 1])
  const worker = start()
  await clock.advance(1)
  expect(started).toEqual([0])
  gates[0]?.resolve()
  await clock.advance(1)
  expect(started).toEqual([0, 1])
  gates[1]?.resolve()
  await worker.stop()
})

test('a failure is tried again after its delay, and dead when its attempts are used up', async () => {
  const { clock, broker, app, producer, start } = setUpWorker()
  const attempts: number[] = []
  const dead = vi.fn()
  app.hook('dead', ({ job: { id }, reason }) => dead(id, reason))
  app.on(job, (ctx) => {
    attempts.push(ctx.attempt)
    throw new Error('no')
  })
  const { id } = await producer.enqueue(job, 1)
  const worker = start()
  await clock.advance(999)
  expect(attempts).toEqual([1])
  await clock.advance(5_000)
  expect(attempts).toEqual([1, 2, 3])
  expect(dead.mock.calls).toEqual([[id, 'exhausted']])
  expect((await broker.deadLetters.list()).items).toMatchObject([
    { id, reason: 'exhausted', attempts: 3, error: { message: 'no' } },
  ])
  expect(worker.health().counts).toMatchObject({ done: 0, retried: 2, dead: 1 })
  await worker.stop()
})

test('leases are extended while a job runs, and a job outlives many of them', async () => {
  const { clock, app, producer, start } = setUpWorker({ lease: '3s' })
  const long = defineJob({ name: 'long', timeout: false })
  const open = gate()
  const starts = vi.fn()
  app.on(long, async () => {
    starts()
    await open.promise
  })
  await producer.enqueue(long)
  const worker = start()
  await clock.advance(60_000)
  open.resolve()
  await clock.advance(1)
  expect([starts.mock.calls.length, worker.health().counts.done]).toEqual([1, 1])
  await worker.stop()
})

test('a lost lease aborts the job with LEASE_LOST, and its outcome is thrown away', async () => {
  const { clock, broker, app, producer, start } = setUpWorker({ lease: '3s' })
  const reasons: unknown[] = []
  const open = gate()
  app.on(job, async (ctx) => {
    ctx.signal.addEventListener('abort', () => reasons.push(ctx.signal.reason.code))
    await open.promise
  })
  const { id } = await producer.enqueue(job, 1)
  // A broker whose heartbeats fail, as behind a broken network: the lease ends and somebody else takes the job.
  let deafened = true
  const deaf = override(broker, {
    extend: (held, leaseMs) => (deafened ? Promise.reject(new Error('no network')) : broker.extend(held, leaseMs)),
  })
  const errors = vi.fn()
  app.hook('brokerError', ({ action }) => errors(action))
  const worker = start(deaf)
  await clock.advance(1)
  worker.pause()
  await clock.advance(4_000)
  expect(errors).toHaveBeenCalledWith('extend')
  const [other] = await broker.receive({
    queues: [{ name: 'default', max: 1 }],
    max: 1,
    leaseMs: 60_000,
    workerId: 'other',
    waitMs: 0,
    signal: new AbortController().signal,
  })
  expect(other?.job).toMatchObject({ id, attempt: 1, crashes: 1 })
  deafened = false
  await clock.advance(1_000)
  expect(reasons).toEqual(['LEASE_LOST'])
  open.resolve()
  await clock.advance(1)
  expect(worker.health().counts).toMatchObject({ lost: 1, done: 0 })
  expect(await broker.get(id)).toMatchObject({ state: 'running', workerId: 'other' })
  await worker.stop()
})

test('cancelling a running job aborts it with JOB_CANCELED at the next heartbeat', async () => {
  const { clock, app, producer, start } = setUpWorker({ lease: '3s' })
  const reasons: unknown[] = []
  app.on(job, async (ctx) => {
    const { promise, reject } = gate()
    ctx.signal.addEventListener('abort', () => {
      reasons.push(ctx.signal.reason.code)
      reject(ctx.signal.reason)
    })
    await promise
  })
  const { id } = await producer.enqueue(job, 1)
  const worker = start()
  await clock.advance(1)
  expect(await producer.cancel(id)).toBe(true)
  await clock.advance(1_000)
  expect(reasons).toEqual(['JOB_CANCELED'])
  expect(await producer.get(id)).toMatchObject({ state: 'canceled' })
  expect(worker.health().counts.lost).toBe(1)
  await worker.stop()
})

test('a handler that never ends keeps its slot; when half of the slots are so taken, it says so once', async () => {
  const onUnhealthy = vi.fn()
  const { clock, app, producer, start } = setUpWorker({ concurrency: 4, onUnhealthy, app: { grace: '1s' } })
  const ends = [gate(), gate()]
  app.on(job, (ctx) => (ctx.data < 2 && ctx.attempt === 1 ? ends[ctx.data]?.promise : undefined))
  await producer.enqueue(job, 0)
  const worker = start()
  await clock.advance(11_001)
  expect(worker.health()).toMatchObject({
    healthy: true,
    executor: { running: 1, abandoned: 1 },
    counts: { retried: 1 },
  })
  expect(onUnhealthy).not.toHaveBeenCalled()
  await producer.enqueue(job, 1)
  await clock.advance(11_001)
  expect(worker.health()).toMatchObject({ healthy: false, executor: { running: 2, abandoned: 2 } })
  expect(onUnhealthy).toHaveBeenCalledTimes(1)
  ends[0]?.resolve()
  await clock.advance(1)
  expect(worker.health()).toMatchObject({ healthy: true, executor: { running: 1, abandoned: 1 } })
  ends[1]?.resolve()
  await clock.advance(2_000)
  expect(worker.health()).toMatchObject({ healthy: true, executor: { running: 0 }, counts: { done: 2 } })
  await worker.stop()
})

test('a job that lost its worker too often is dead with reason crashed, and is not run', async () => {
  const { clock, broker, app, producer, start } = setUpWorker({ maxCrashes: 2 })
  const ran = vi.fn()
  app.on(job, ran)
  const { id } = await producer.enqueue(job, 1)
  for (let crash = 0; crash < 2; crash++) {
    await broker.receive({
      queues: [{ name: 'default', max: 1 }],
      max: 1,
      leaseMs: 1_000,
      workerId: 'crashing',
      waitMs: 0,
      signal: new AbortController().signal,
    })
    await clock.advance(1_001)
  }
  const worker = start()
  await clock.advance(1)
  expect(ran).not.toHaveBeenCalled()
  expect((await broker.deadLetters.list()).items).toMatchObject([{ id, reason: 'crashed', crashes: 2, attempts: 0 }])
  await worker.stop()
})

test('pause hands back what is buffered and lets what runs go on; resume goes on', async () => {
  const { clock, broker, app, producer, start } = setUpWorker({ concurrency: 1 })
  const open = gate()
  app.on(job, (ctx) => (ctx.data === 50 ? open.promise : undefined))
  await producer.enqueueMany(
    job,
    Array.from({ length: 100 }, (_, at) => at),
  )
  const worker = start()
  await clock.advance(1)
  expect(worker.health().running).toBe(1)
  worker.pause()
  worker.pause()
  await clock.advance(1)
  expect(worker.health()).toMatchObject({ state: 'paused', buffered: 0, running: 1, settling: 0 })
  expect(await broker.stats(['default'])).toMatchObject([{ active: 1, ready: 49 }])
  open.resolve()
  await clock.advance(1)
  expect(await broker.stats(['default'])).toMatchObject([{ active: 0, ready: 49 }])
  worker.resume()
  await clock.advance(1)
  expect(worker.health().counts.done).toBe(100)
  await worker.stop()
})

test('stop lets running jobs end until the deadline', async () => {
  const { clock, app, producer, start } = setUpWorker()
  const open = gate()
  const events: string[] = []
  app.hook('drain', ({ running }) => events.push(`drain ${running}`))
  app.hook('stop', () => events.push('stop'))
  app.on(job, () => open.promise)
  await producer.enqueue(job, 1)
  const worker = start()
  await clock.advance(1)
  const stopping = worker.stop({ grace: 5_000 })
  expect(worker.stop()).toBe(stopping)
  await clock.advance(4_999)
  expect(worker.state).toBe('draining')
  open.resolve()
  await clock.advance(0)
  expect(await stopping).toEqual({ aborted: 0, unsettled: 0 })
  expect(worker.health().counts.done).toBe(1)
  expect(events).toEqual(['drain 1', 'stop'])
  expect(() => worker.start()).toThrow(expect.objectContaining({ code: 'WORKER_STOPPED' }))
})

test('at the deadline running jobs are aborted and go back uncharged, also those that do not listen', async () => {
  const { clock, broker, app, producer, start } = setUpWorker()
  const reasons: unknown[] = []
  app.on(job, async (ctx) => {
    const { promise, reject } = gate()
    if (ctx.data === 1) {
      ctx.signal.addEventListener('abort', () => {
        reasons.push(ctx.signal.reason.code)
        reject(ctx.signal.reason)
      })
    }
    await promise
  })
  await producer.enqueueMany(job, [1, 2])
  const worker = start()
  await clock.advance(1)
  const stopping = worker.stop({ grace: 2_000, abortGrace: 500 })
  await clock.advance(2_500)
  expect(await stopping).toEqual({ aborted: 2, unsettled: 0 })
  expect(reasons).toEqual(['SHUTDOWN'])
  expect(await broker.stats(['default'])).toMatchObject([{ ready: 2, active: 0 }])
  const [again] = await broker.receive({
    queues: [{ name: 'default', max: 1 }],
    max: 1,
    leaseMs: 1_000,
    workerId: 'other',
    waitMs: 0,
    signal: new AbortController().signal,
  })
  expect(again?.job).toMatchObject({ attempt: 1, crashes: 0 })
})

test('a broker that fails is tried again with backoff; nothing is lost and no job runs twice', async () => {
  const { clock, broker, app, producer, start } = setUpWorker()
  let down = 0
  const failing = override(broker, {
    receive: (want) => (down++ < 3 ? Promise.reject(new Error('down')) : broker.receive(want)),
    settle: (done) => (down++ < 8 ? Promise.reject(new Error('down')) : broker.settle(done)),
  })
  const errors: string[] = []
  app.hook('brokerError', ({ action }) => errors.push(action))
  const ran: number[] = []
  app.on(job, (ctx) => void ran.push(ctx.data))
  await producer.enqueueMany(job, [1, 2, 3])
  const worker = start(failing)
  await clock.advance(60_000)
  expect(ran).toEqual([1, 2, 3])
  expect(worker.health().counts.done).toBe(3)
  expect(errors.slice(0, 3)).toEqual(['receive', 'receive', 'receive'])
  expect(errors).toContain('settle')
  await worker.stop()
})

test('a stop does not wait for ever on a broker that cannot be told; its jobs come back when their leases end', async () => {
  const { clock, broker, app, producer, start } = setUpWorker()
  const failing = override(broker, { settle: () => new Promise(() => {}) })
  app.on(job, () => {})
  await producer.enqueue(job, 1)
  const worker = start(failing)
  await clock.advance(1)
  const stopping = worker.stop()
  await clock.advance(5_000)
  expect(await stopping).toEqual({ aborted: 0, unsettled: 1 })
  await broker[Symbol.asyncDispose]()
  expect(clock.pending).toBe(0)
})

test('follow-ups of a broker that cannot commit them with the ack are sent before it, keyed by job', async () => {
  const { clock, broker, app, producer, start } = setUpWorker()
  const sent = vi.fn(broker.send.bind(broker))
  const plain = override(broker, { can: { ...broker.can, atomicEnqueue: false }, send: sent })
  const child = defineJob<number>({ name: 'child', queue: 'other' })
  app.on(job, async (ctx) => {
    await ctx.enqueue(child, ctx.data)
    await ctx.enqueue(child, ctx.data + 1, { key: 'own' })
  })
  const { id } = await producer.enqueue(job, 1)
  const worker = start(plain)
  await clock.advance(1)
  expect(sent.mock.calls.at(-1)?.[0]).toMatchObject([
    { name: 'child', key: expect.stringMatching(new RegExp(`^${id}@\\d+:0$`)) },
    { name: 'child', key: 'own' },
  ])
  expect(await broker.stats(['other'])).toMatchObject([{ ready: 2 }])
  await worker.stop()
})

test('a job whose follow-up the broker cannot take is dead, and holds up nobody', async () => {
  const { clock, broker, app, producer, start } = setUpWorker()
  const plain = override(broker, { can: { ...broker.can, maxDelayMs: 1_000 } })
  const child = defineJob<number>({ name: 'child', queue: 'other' })
  app.on(job, (ctx) => ctx.enqueue(child, ctx.data, { delay: ctx.data === 1 ? '1h' : 0 }))
  await producer.enqueueMany(job, [1, 2, 3])
  const worker = start(plain)
  await clock.advance(1)
  expect(worker.health().counts).toMatchObject({ done: 2, dead: 1 })
  expect((await broker.deadLetters.list()).items).toMatchObject([
    { reason: 'unrecoverable', error: { code: 'OPTION' } },
  ])
  expect(await broker.stats(['other'])).toMatchObject([{ ready: 2 }])
  await worker.stop()
})

test('what is sent at once reaches the broker, whatever becomes of its job; what the broker cannot do is refused', async () => {
  const { clock, broker, app, producer, start } = setUpWorker()
  const child = defineJob<number>({ name: 'child', queue: 'other' })
  const answers: unknown[] = []
  app.on(job, async (ctx) => {
    answers.push(await ctx.enqueue(child, 1, { now: true, id: 'c1' }))
    await ctx.enqueue(child, 2, { now: true, delay: '1h' }).catch((error: { code: string }) => answers.push(error.code))
    throw new Error('no')
  })
  await producer.enqueue(job, 1)
  const worker = start(override(broker, { can: { ...broker.can, maxDelayMs: 1_000 } }))
  await clock.advance(1)
  expect(answers).toEqual([{ id: 'c1', duplicate: false }, 'OPTION'])
  expect(await broker.stats(['other'])).toMatchObject([{ ready: 1 }])
  await worker.stop()
})

test('progress reaches the broker, and the hook', async () => {
  const { clock, app, producer, start } = setUpWorker()
  const open = gate()
  const heard: unknown[] = []
  app.hook('progress', ({ value }) => heard.push(value))
  app.on(job, async (ctx) => {
    ctx.progress({ done: 3 })
    await open.promise
  })
  const { id } = await producer.enqueue(job, 1)
  const worker = start()
  await clock.advance(1)
  expect(heard).toEqual([{ done: 3 }])
  expect(await producer.get(id)).toMatchObject({ state: 'running', progress: { done: 3 } })
  open.resolve()
  await worker.stop()
})

test('urgent jobs do not wait behind a buffer of slow ones', async () => {
  const { clock, app, producer, start } = setUpWorker({ concurrency: 1 })
  const order: string[] = []
  const slow = defineJob<number>({ name: 'slow' })
  const urgent = defineJob({ name: 'urgent', priority: 'high' })
  app.on(slow, async (ctx) => {
    order.push(`slow ${ctx.data}`)
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 250))
  })
  app.on(urgent, () => void order.push('urgent'))
  await producer.enqueueMany(
    slow,
    Array.from({ length: 20 }, (_, at) => at),
  )
  const worker = start()
  await clock.advance(600)
  await producer.enqueue(urgent)
  await clock.advance(600)
  expect(order.indexOf('urgent')).toBe(3)
  const stopping = worker.stop({ grace: 0, abortGrace: 0 })
  await clock.advance(1)
  expect(await stopping).toEqual({ aborted: 1, unsettled: 0 })
})

test('1,000 random sequences of start, pause, resume and stop leave no timer, listener or job behind', async () => {
  const report = await stressWorker({ createBroker: createMemoryBroker, sequences: 1_000, seed: 7 })
  expect(report.enqueued).toBe(report.done + report.stillQueued)
  expect(report.done).toBeGreaterThan(500)
  expect(report.stillQueued).toBeGreaterThan(500)
}, 60_000)
