import { describe, expect, test, vi } from 'vitest'
import { job, setUpWorker } from '../../test/set-up-worker.ts'
import { createApp } from '../app.ts'
import type { Broker, Outcome } from '../broker.ts'
import { Unrecoverable } from '../errors.ts'
import type { Executor } from '../executor.ts'
import { defineJob } from '../job.ts'
import { createMemoryBroker } from '../memory/index.ts'
import { createProducer } from '../producer.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { override } from '../testing/override.ts'
import { inProcess } from './in-process.ts'
import { MAX_PREFETCH } from './prefetch.ts'
import { MAX_UNSETTLED } from './settler.ts'
import { createWorker } from './worker.ts'

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

describe('a handler that acts on its own worker', () => {
  test.each(['pause', 'stop'] as const)('at once, in the step in which it starts: %s', async (action) => {
    const { clock, broker, app, producer, start } = setUpWorker({ concurrency: 5 })
    const ran: number[] = []
    app.on(job, async (ctx) => {
      ran.push(ctx.data)
      if (ctx.data === 1) void worker[action]()
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 10))
    })
    await producer.enqueueMany(job, numbers(5))
    const worker = start()
    await clock.advance(100)
    expect(ran).toEqual([0, 1])
    expect(worker.health().counts).toMatchObject({ done: 2, released: 3, lost: 0 })
    expect(await broker.stats(['default'])).toMatchObject([{ ready: 3, active: 0 }])
    await worker.stop()
  })

  test('from a hook that hears of the drain', async () => {
    const { clock, app, start } = setUpWorker()
    const drains = vi.fn()
    app
      .on(job, () => {})
      .hook('drain', () => {
        drains()
        void worker.stop()
      })
    const worker = start()
    await clock.advance(1)
    await worker.stop()
    expect(drains).toHaveBeenCalledTimes(1)
  })
})

describe('an executor that breaks its contract', () => {
  /** A worker on an executor of which some methods are others. */
  function setUp(faults: (executor: Executor) => Partial<Executor>) {
    const clock = createFakeClock()
    const broker = createMemoryBroker({ clock })
    const ran: number[] = []
    const app = createApp({ clock }).on(job, (ctx) => void ran.push(ctx.data))
    const executor = inProcess(app, { concurrency: 3 })
    const worker = createWorker(broker, override<Executor>(executor, faults(executor)), { queues: ['default'], clock })
    return { clock, broker, worker, ran, producer: createProducer(broker) }
  }

  test.each([
    [
      'throws where it should start',
      () => {
        throw new Error('no')
      },
    ],
    ['rejects where it should answer', () => Promise.reject(new Error('no'))],
  ] as const)('%s: the job goes back, uncharged and not at once, and the others run', async (_, fail) => {
    let faults = 0
    const { clock, broker, worker, ran, producer } = setUp((executor) => ({
      start(delivery, options) {
        if (!JSON.stringify(delivery.job.payload).includes('"1"') || faults === 2)
          return executor.start(delivery, options)
        faults++
        const outcome: Promise<Outcome> = fail()
        return { outcome, startedAt: undefined, abort() {} }
      },
    }))
    const ids = await producer.enqueueMany(job, [0, 1, 2])
    worker.start()
    await clock.advance(500)
    expect([ran, faults]).toEqual([[0, 2], 1])
    expect(await broker.get(ids[1]?.id ?? '')).toMatchObject({ state: 'queued', attempt: 1, error: { message: 'no' } })
    await clock.advance(5_000)
    expect([ran, faults]).toEqual([[0, 2, 1], 2])
    expect(worker.health()).toMatchObject({ running: 0, counts: { done: 3, released: 2 } })
    expect(await worker.stop()).toEqual({ aborted: 0, unsettled: 0 })
    expect(clock.pending).toBe(0)
  })

  test('does not end what was aborted: a stop ends all the same, and the job goes back', async () => {
    const { clock, broker, worker, producer } = setUp(() => ({
      start: () => ({ outcome: new Promise(() => {}), startedAt: undefined, abort() {} }),
    }))
    await producer.enqueue(job, 1)
    worker.start()
    await clock.advance(1)
    const stopping = worker.stop({ grace: '1s', abortGrace: '1s' })
    await clock.advance(10_000)
    expect(await stopping).toEqual({ aborted: 1, unsettled: 0 })
    expect(await broker.stats(['default'])).toMatchObject([{ ready: 1, active: 0 }])
    expect(clock.pending).toBe(0)
  })

  test('throws when it is told of hooks: nothing is settled twice', async () => {
    const { clock, broker, worker, producer } = setUp(() => ({
      emit() {
        throw new Error('its channel is closed')
      },
    }))
    const console = vi.spyOn(globalThis.console, 'error').mockImplementation(() => {})
    const settle = vi.spyOn(broker, 'settle')
    await producer.enqueue(job, 'bad' as never)
    worker.start()
    await clock.advance(1_000)
    await worker.stop()
    expect(console).toHaveBeenCalled()
    console.mockRestore()
    expect(settle).toHaveBeenCalledTimes(1)
  })
})

describe('a worker whose executor is unhealthy', () => {
  test('goes on where whoever is told of it throws', async () => {
    const onUnhealthy = vi.fn(() => {
      throw new Error('no')
    })
    const console = vi.spyOn(globalThis.console, 'error').mockImplementation(() => {})
    const { clock, app, producer, start } = setUpWorker({ concurrency: 2, onUnhealthy, app: { grace: 10 } })
    app.on(job, (ctx) => (ctx.data === 0 ? new Promise(() => {}) : undefined))
    await producer.enqueueMany(job, numbers(10))
    const worker = start()
    await clock.advance(10_100)
    expect(onUnhealthy).toHaveBeenCalledTimes(1)
    expect(console).toHaveBeenCalledTimes(1)
    console.mockRestore()
    expect(worker.health().counts).toMatchObject({ done: 9, retried: 1 })
    const stopping = worker.stop({ grace: 0, abortGrace: 0 })
    await clock.advance(10)
    await stopping
  })
})

describe('a broker that hangs', () => {
  test('in receive, and does not hear the abort: a stop ends all the same', async () => {
    const { clock, broker, app, start } = setUpWorker()
    app.on(job, () => {})
    const worker = start(override(broker, { receive: () => new Promise(() => {}) }))
    await clock.advance(1)
    const stopping = worker.stop()
    await clock.advance(10_000)
    expect(await stopping).toEqual({ aborted: 0, unsettled: 0 })
    expect(clock.pending).toBe(0)
  })

  test('in a heartbeat: that is told, and the next ones go on', async () => {
    const { clock, broker, app, producer, start } = setUpWorker({ lease: '3s' })
    const reasons: unknown[] = []
    const errors: unknown[] = []
    app.hook('brokerError', ({ action, error }) => errors.push([action, (error as { code?: unknown }).code]))
    app.on(job, async (ctx) => {
      await new Promise<void>((resolve) =>
        ctx.signal.addEventListener('abort', () => {
          reasons.push(ctx.signal.reason.code)
          resolve()
        }),
      )
    })
    await producer.enqueue(job, 1)
    let calls = 0
    const worker = start(
      override(broker, {
        extend: (held, leaseMs) => (calls++ === 0 ? new Promise(() => {}) : broker.extend(held, leaseMs)),
      }),
    )
    await clock.advance(1)
    worker.pause()
    await clock.advance(4_500)
    expect(errors).toEqual([['extend', 'BROKER_SILENT']])
    expect(worker.health().healthy).toBe(false)
    await clock.advance(1_000)
    expect(reasons).toEqual(['LEASE_LOST'])
    expect(worker.health().healthy).toBe(true)
    await worker.stop()
    expect(clock.pending).toBe(0)
  })

  test('in settle: the worker stops asking for jobs', async () => {
    const { clock, broker, app, producer, start } = setUpWorker({ concurrency: 10 })
    let ran = 0
    app.on(job, () => void ran++)
    for (let at = 0; at < 8; at++) await producer.enqueueMany(job, numbers(1_000))
    let open = (): void => {}
    const hung = new Promise<void>((resolve) => {
      open = resolve
    })
    const worker = start(override(broker, { settle: (done) => hung.then(() => broker.settle(done)) }))
    await clock.advance(1_000)
    expect(ran).toBeGreaterThanOrEqual(MAX_UNSETTLED)
    // What is running and buffered when the bound is reached still runs.
    expect(ran).toBeLessThanOrEqual(MAX_UNSETTLED + MAX_PREFETCH + 10)
    open()
    await clock.advance(1_000)
    expect([ran, worker.health().counts.done]).toEqual([8_000, 8_000])
    await worker.stop()
  })
})

test('a buffered job whose lease ran out meanwhile is not started: somebody else may have it', async () => {
  const fake = createFakeClock()
  let blocked = 0
  // A handler that does not let go of the event loop: time passes, and no heartbeat.
  const clock = override(fake, { now: () => fake.now() + blocked, monotonic: () => fake.monotonic() + blocked })
  const broker = createMemoryBroker({ clock })
  const ran: number[] = []
  const app = createApp({ clock }).on(job, (ctx) => {
    ran.push(ctx.data)
    if (ctx.data === 20) blocked = 31_000
  })
  await createProducer(broker).enqueueMany(job, numbers(40))
  const worker = createWorker(broker, inProcess(app, { concurrency: 1 }), { queues: ['default'], clock })
  worker.start()
  await fake.advance(1_000)
  // The lease of the 20th ran out while it ran, that of the one before it while its outcome waited.
  expect(ran.filter((data) => data > 20)).toEqual(numbers(40).slice(21))
  await worker.stop()
})

describe('one outcome that cannot be reported holds up no other', () => {
  test('where the broker fails on the whole batch', async () => {
    const { clock, broker, app, producer, start } = setUpWorker({ concurrency: 10 })
    app.on(job, (ctx) => ctx.data)
    const settle: Broker['settle'] = async (done) => {
      if (done.some(({ outcome }) => outcome.kind === 'ack' && outcome.result === 3)) throw new Error('bad result')
      return broker.settle(done)
    }
    await producer.enqueueMany(job, numbers(10))
    const worker = start(override(broker, { settle }))
    await clock.advance(20_000)
    expect(worker.health()).toMatchObject({ settling: 1, counts: { done: 9 } })
    const stopping = worker.stop()
    await clock.advance(10_000)
    expect(await stopping).toEqual({ aborted: 0, unsettled: 1 })
  })

  describe('where follow-ups are sent before the ack', () => {
    const child = defineJob<number>({ name: 'child', queue: 'other' })

    /** Runs three jobs with a follow-up each, of which the broker refuses that of the second. */
    async function runThree(refusal: () => Error) {
      const { clock, broker, app, producer, start } = setUpWorker({ concurrency: 10 })
      app.on(job, (ctx) => ctx.enqueue(child, ctx.data))
      const plain = override(broker, {
        can: { ...broker.can, atomicEnqueue: false },
        send: async (specs, options) => {
          if (specs.some(({ text, name }) => name === 'child' && text === '1')) throw refusal()
          return broker.send(specs, options)
        },
      })
      await producer.enqueueMany(job, [0, 1, 2])
      const worker = start(plain)
      await clock.advance(20_000)
      const { counts, settling } = worker.health()
      const stopping = worker.stop()
      await clock.advance(10_000)
      await stopping
      const dead = (await broker.deadLetters.list()).items
      return { counts, settling, dead, children: (await broker.stats(['other']))[0]?.ready }
    }

    test('and the broker refuses them for good: that job is dead', async () => {
      const refusal = () => Object.assign(new Error('never'), { code: 'UNSUPPORTED' })
      const { counts, dead, children } = await runThree(refusal)
      expect(counts).toMatchObject({ done: 2, dead: 1 })
      expect(dead).toMatchObject([{ reason: 'unrecoverable', error: { code: 'UNSUPPORTED' } }])
      expect(children).toBe(2)
    })

    test('and the broker fails on them: that job waits alone', async () => {
      const { counts, settling, dead, children } = await runThree(() => new Error('down'))
      expect([counts.done, settling, dead, children]).toEqual([2, 1, [], 2])
    })
  })
})

describe('follow-ups that are sent before the ack', () => {
  const child = defineJob<number>({ name: 'child', queue: 'other' })

  test('are not sent again when the ack has to be', async () => {
    const { clock, broker, app, producer, start } = setUpWorker()
    let failures = 2
    const sent = vi.fn(broker.send.bind(broker))
    app.on(job, (ctx) => ctx.enqueue(child, ctx.data))
    await producer.enqueue(job, 1)
    const worker = start(
      override(broker, {
        can: { ...broker.can, atomicEnqueue: false },
        send: sent,
        settle: async (done) => {
          if (failures-- > 0) throw new Error('down')
          return broker.settle(done)
        },
      }),
    )
    await clock.advance(10_000)
    expect(worker.health().counts.done).toBe(1)
    expect(sent).toHaveBeenCalledTimes(1)
    await worker.stop()
  })

  test('of a second job with the id of an earlier one are not taken for those of the first', async () => {
    const { clock, broker, app, producer, start } = setUpWorker()
    app.on(job, (ctx) => ctx.enqueue(child, ctx.data))
    const worker = start(override(broker, { can: { ...broker.can, atomicEnqueue: false } }))
    for (const data of [1, 2]) {
      await producer.enqueue(job, data, { id: 'daily' })
      await clock.advance(1)
    }
    expect(worker.health().counts.done).toBe(2)
    expect(await broker.stats(['other'])).toMatchObject([{ ready: 2 }])
    await worker.stop()
  })
})

test('progress is kept one call at a time, and the latest value is what stays', async () => {
  const { clock, broker, app, producer, start } = setUpWorker()
  const values: unknown[] = []
  let release = (): void => {}
  const open = new Promise<void>((resolve) => {
    release = resolve
  })
  app.on(job, async (ctx) => {
    for (let at = 0; at <= 1_000; at++) ctx.progress(at)
    await open
  })
  const { id } = await producer.enqueue(job, 1)
  const worker = start(
    override(broker, {
      async progress(delivery, value) {
        values.push(value)
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 100))
        return broker.progress(delivery, value)
      },
    }),
  )
  await clock.advance(1_000)
  expect(values).toEqual([0, 1_000])
  expect(await broker.get(id)).toMatchObject({ progress: 1_000 })
  release()
  await worker.stop()
})

test.each([
  [{ queues: [] }, 'queue'],
  [{ queues: ['a', { name: 'a', concurrency: 1 }] }, 'queue a'],
  [{ queues: [{ name: 'a', concurrency: 0 }] }, 'queue a'],
  [{ queues: [{ name: 'a', concurrency: Number.NaN }] }, 'queue a'],
  [{ lease: 0 }, 'lease'],
  [{ lease: '30d' as const }, 'lease'],
  [{ maxCrashes: 0 }, 'maxCrashes'],
  [{ maxCrashes: Number.NaN }, 'maxCrashes'],
])('options that cannot be are refused: %j', (options, named) => {
  const app = createApp().on(job, () => {})
  expect(() => createWorker(createMemoryBroker(), inProcess(app), { queues: ['default'], ...options })).toThrow(
    expect.objectContaining({ code: 'OPTION', message: expect.stringContaining(named) }),
  )
})

test('a stop with a deadline that cannot be is refused, and the worker goes on', async () => {
  const { clock, app, producer, start } = setUpWorker()
  app.on(job, () => {})
  const worker = start()
  expect(() => worker.stop({ grace: 'soon' as never })).toThrow(expect.objectContaining({ code: 'OPTION' }))
  await producer.enqueue(job, 1)
  await clock.advance(1)
  expect(worker.health()).toMatchObject({ state: 'running', counts: { done: 1 } })
  await worker.stop()
})

test('a heartbeat that meets a settled job on its way back takes nothing from what the settle says', async () => {
  const { clock, broker, app, producer, start } = setUpWorker({ lease: '3s' })
  const dead = vi.fn()
  app.hook('dead', ({ reason }) => dead(reason))
  app.on(job, (ctx) => {
    if (ctx.data === 1) throw new Unrecoverable('no')
  })
  await producer.enqueueMany(job, [0, 1])
  const lost = vi.fn()
  const worker = start(
    override(broker, {
      // The broker has settled long before its answer arrives.
      async settle(done) {
        const answer = await broker.settle(done)
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 2_000))
        return answer
      },
      async extend(held, leaseMs) {
        const answer = await broker.extend(held, leaseMs)
        lost(answer.length)
        return answer
      },
    }),
  )
  await clock.advance(5_000)
  expect(lost.mock.calls[0]).toEqual([2])
  expect(worker.health().counts).toMatchObject({ done: 1, dead: 1, lost: 0 })
  expect(dead.mock.calls).toEqual([['unrecoverable']])
  await worker.stop()
})

test('a queue at its limit asks anew when it is below, and not for the sake of other queues', async () => {
  const slow = defineJob({ name: 'slow', queue: 'slow' })
  const { clock, broker, app, producer, start } = setUpWorker({
    concurrency: 5,
    queues: ['default', { name: 'slow', concurrency: 1 }],
  })
  let end = (): void => {}
  app.on(slow, () => new Promise<void>((resolve) => (end = resolve))).on(job, () => {})
  const signals: AbortSignal[] = []
  await producer.enqueue(slow)
  const worker = start(
    override(broker, {
      receive(want) {
        signals.push(want.signal)
        return broker.receive(want)
      },
    }),
  )
  await clock.advance(1)
  for (let at = 0; at < 20; at++) {
    await producer.enqueue(job, at)
    await clock.advance(1)
  }
  expect(worker.health().counts.done).toBe(20)
  expect(signals.filter(({ aborted }) => aborted)).toHaveLength(0)
  end()
  await clock.advance(1)
  expect(signals.filter(({ aborted }) => aborted)).toHaveLength(1)
  await worker.stop()
})
