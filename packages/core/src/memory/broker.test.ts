import { describe, expect, it } from 'vitest'
import { dead, ids, receive, settle, spec } from '../../test/broker-calls.ts'
import type { Delivery, Outcome } from '../broker.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createMemoryBroker, type MemoryBrokerOptions } from './index.ts'

describe('createMemoryBroker', () => {
  it('is called memory, or as told', () => {
    expect(createMemoryBroker().name).toBe('memory')
    expect(createMemoryBroker({ name: 'test' }).name).toBe('test')
    expect(createMemoryBroker({ maxBytes: '64kb' }).can.maxBytes).toBe(64_000)
  })

  it.each<MemoryBrokerOptions>([
    { maxJobs: 0 },
    { maxJobs: 1.5 },
    { maxDead: 0 },
    { retain: -1 },
    { retain: Number.POSITIVE_INFINITY },
    { maxBytes: 0 },
  ])('refuses %j', (options) => {
    expect(() => createMemoryBroker(options)).toThrow(expect.objectContaining({ code: 'OPTION' }))
  })

  it('refuses what it does not know: transactions, priorities, leases and windows without end', async () => {
    const broker = createMemoryBroker()
    await expect(broker.send([spec()], { tx: {} })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(broker.send([spec({ priority: 'urgent' as 'high' })])).rejects.toMatchObject({ code: 'OPTION' })
    await expect(broker.send([spec({ delayMs: Number.NaN })])).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    const endless = { mode: 'window', windowMs: Number.POSITIVE_INFINITY } as const
    await expect(broker.send([spec({ key: 'k', dedupe: endless })])).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    for (const leaseMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(receive(broker, 1, leaseMs)).rejects.toMatchObject({ code: 'OPTION' })
    }
    expect((await broker.stats(['q']))[0]?.ready).toBe(0)
  })
})

describe('the memory broker', () => {
  it('buries a job whose follow-ups it can never take', async () => {
    const broker = createMemoryBroker({ maxBytes: 10 })
    await broker.send([spec({ id: 'a' })])
    await settle(broker, (await receive(broker))[0], { kind: 'ack', enqueue: [spec({ text: '"0123456789"' })] })
    const { items } = await broker.deadLetters.list()
    expect(items).toMatchObject([
      { id: 'a', reason: 'unrecoverable', attempts: 1, error: { code: 'PAYLOAD_TOO_LARGE' } },
    ])
  })

  it('lets a dead letter keep its id', async () => {
    const broker = createMemoryBroker()
    await broker.send([spec({ id: 'a', text: '"first"' })])
    await settle(broker, (await receive(broker))[0], dead)
    expect(await broker.send([spec({ id: 'a', text: '"second"' })])).toEqual([{ id: 'a', duplicate: true }])
    expect((await broker.deadLetters.list()).items[0]?.payload).toEqual({ text: '"first"' })
    await broker.deadLetters.discard({ ids: ['a'] })
    expect(await broker.send([spec({ id: 'a' })])).toEqual([{ id: 'a', duplicate: false }])
  })

  it('gives the id of a job that is done or cancelled to a new one', async () => {
    const broker = createMemoryBroker()
    await broker.send([spec({ id: 'a' })])
    const [first] = await receive(broker)
    await broker.cancel('a')
    await broker.send([spec({ id: 'a' })])
    expect(await broker.get('a')).toMatchObject({ state: 'queued' })
    const [second] = await receive(broker)
    const lost = await broker.settle([{ delivery: first as Delivery, outcome: { kind: 'ack' }, endedAt: 0 }])
    expect(lost).toEqual([{ delivery: first, reason: 'canceled' }])
    await settle(broker, second, { kind: 'ack', enqueue: [spec({ id: 'a' })] })
    expect(await broker.get('a')).toMatchObject({ state: 'queued' })
    await settle(broker, (await receive(broker))[0], { kind: 'ack' })
    expect(await broker.get('a')).toMatchObject({ state: 'done' })
  })

  it('remembers of an id only its latest job', async () => {
    const broker = createMemoryBroker()
    await broker.send([spec({ id: 'a' })])
    const again: Outcome = { kind: 'ack', enqueue: [spec({ id: 'a' })] }
    await settle(broker, (await receive(broker))[0], again)
    await settle(broker, (await receive(broker))[0], { kind: 'ack' })
    await broker.send([spec({ id: 'a' })])
    for (const outcome of [again, dead]) await settle(broker, (await receive(broker))[0], outcome)
    await broker.deadLetters.discard({ ids: ['a'] })
    expect(await broker.get('a')).toBeUndefined()
    await broker.send([spec({ id: 'b' })])
    await settle(broker, (await receive(broker))[0], { kind: 'ack' })
    await broker.send([spec({ id: 'b' })])
    await settle(broker, (await receive(broker))[0], dead)
    await broker.deadLetters.discard({ ids: ['b'] })
    expect(await broker.get('b')).toBeUndefined()
  })

  it('forgets the error of a job that is redriven', async () => {
    const broker = createMemoryBroker()
    await broker.send([spec({ id: 'a' })])
    await settle(broker, (await receive(broker))[0], dead)
    await broker.deadLetters.redrive({ ids: ['a'] })
    const status = await broker.get('a')
    expect([status?.state, status?.error, status?.reason, status?.endedAt]).toEqual([
      'queued',
      undefined,
      undefined,
      undefined,
    ])
  })

  it('refuses to settle more than a batch, and settles none of it', async () => {
    const broker = createMemoryBroker()
    await broker.send([spec()])
    const [delivery] = (await receive(broker)) as [Delivery]
    const one = { delivery, outcome: { kind: 'ack' }, endedAt: 0 } as const
    await expect(broker.settle(Array.from({ length: 1_001 }, () => one))).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await settle(broker, delivery, { kind: 'ack' })
  })

  it('tells the owner of a cancelled job even when it keeps nothing that has ended', async () => {
    const broker = createMemoryBroker({ retain: 0 })
    await broker.send([spec({ id: 'a' })])
    const [delivery] = (await receive(broker)) as [Delivery]
    await broker.cancel('a')
    expect(await broker.get('a')).toBeUndefined()
    expect(await broker.extend([delivery], 1_000)).toEqual([{ delivery, reason: 'canceled' }])
    expect(await broker.settle([{ delivery, outcome: { kind: 'ack' }, endedAt: 0 }])).toEqual([
      { delivery, reason: 'canceled' },
    ])
    expect(await broker.extend([delivery], 1_000)).toEqual([{ delivery, reason: 'lease' }])
  })

  it('gives back a released job, and one whose lease ended, in their old places', async () => {
    const clock = createFakeClock()
    const broker = createMemoryBroker({ clock })
    for (const id of ['a', 'b', 'c']) {
      await broker.send([spec({ id })])
      await clock.advance(10)
    }
    const [a] = await receive(broker, 1)
    await settle(broker, a, { kind: 'release' })
    expect(ids(await receive(broker, 1, 50))).toEqual(['a'])
    await clock.advance(50)
    expect(ids(await receive(broker))).toEqual(['a', 'b', 'c'])
  })

  it('remembers as many ended jobs as told, with result and times', async () => {
    const clock = createFakeClock({ now: 1_000 })
    const broker = createMemoryBroker({ clock, retain: 1 })
    await broker.send([spec({ id: 'a' }), spec({ id: 'b' })])
    await clock.advance(5)
    for (const delivery of await receive(broker))
      await settle(broker, delivery, { kind: 'ack', result: { of: delivery.job.id } })
    expect(await broker.get('a')).toBeUndefined()
    expect(await broker.get('b')).toMatchObject({
      state: 'done',
      enqueuedAt: 1_000,
      endedAt: 1_005,
      result: { of: 'b' },
    })
  })

  it('gives out copies of what it keeps', async () => {
    const broker = createMemoryBroker()
    await broker.send([spec({ id: 'a' })])
    await settle(broker, (await receive(broker))[0], { kind: 'retry', delayMs: 0, error: new Error('kept') })
    Object.assign((await broker.get('a'))?.error ?? {}, { message: 'changed' })
    expect((await broker.get('a'))?.error?.message).toBe('kept')
  })

  it('does not keep a result or progress larger than data may be', async () => {
    const broker = createMemoryBroker({ maxBytes: 20 })
    await broker.send([spec({ id: 'a' })])
    const [delivery] = (await receive(broker)) as [Delivery]
    await broker.progress(delivery, 'x'.repeat(100))
    expect((await broker.get('a'))?.progress).toBeUndefined()
    await settle(broker, delivery, { kind: 'ack', result: 'x'.repeat(100) })
    expect(await broker.get('a')).toMatchObject({ state: 'done' })
    expect((await broker.get('a'))?.result).toBeUndefined()
  })

  it.each([0, 1, 2, 3])('wakes who waits when time passes while it looks, at its look %i', async (look) => {
    const clock = createFakeClock()
    let looks = Number.NaN
    // Any look at the clock may be the first one that sees the lease over.
    const now = (): number => clock.now() + (looks++ >= look ? 1 : 0)
    const broker = createMemoryBroker({ clock: { ...clock, monotonic: clock.monotonic, now } })
    await broker.send([spec({ id: 'a' })])
    await receive(broker, 1, 100)
    await clock.advance(99)
    looks = 0
    const { signal } = new AbortController()
    const want = { queues: [{ name: 'q', max: 1 }], max: 1, leaseMs: 1_000, workerId: 'w', waitMs: 10_000, signal }
    const waiting = broker.receive(want).then(ids)
    await clock.advance(10)
    expect(clock.pending).toBe(0)
    expect(await waiting).toEqual(['a'])
  })

  it('wakes who waits at the end of a lease that was shortened', async () => {
    const clock = createFakeClock()
    const broker = createMemoryBroker({ clock })
    await broker.send([spec({ id: 'a' })])
    const held = await receive(broker, 1, 60_000)
    const { signal } = new AbortController()
    const want = { queues: [{ name: 'q', max: 1 }], max: 1, leaseMs: 1_000, workerId: 'w', waitMs: 10_000, signal }
    const waiting = broker.receive(want).then(ids)
    await broker.extend(held, 100)
    await clock.advance(100)
    expect(clock.pending).toBe(0)
    expect(await waiting).toEqual(['a'])
  })

  it('begins progress anew with each attempt', async () => {
    const broker = createMemoryBroker()
    await broker.send([spec({ id: 'a' })])
    const [delivery] = (await receive(broker)) as [Delivery]
    await broker.progress(delivery, 90)
    await settle(broker, delivery, { kind: 'retry', delayMs: 0, error: new Error('x') })
    await receive(broker)
    expect((await broker.get('a'))?.progress).toBeUndefined()
  })

  it('moves 100,000 jobs through 1,000 queues, retries and cancels without looking at all of them', async () => {
    const broker = createMemoryBroker()
    const started = performance.now()
    for (let n = 0; n < 100_000; n += 1_000) {
      await broker.send(
        Array.from({ length: 1_000 }, (_, i) => spec({ id: `${n + i}`, queue: `q${i}`, delayMs: i % 2 ? 0 : 60_000 })),
      )
    }
    for (let n = 0; n < 100_000; n += 4) expect(await broker.cancel(`${n}`)).toBe(true)
    const { signal } = new AbortController()
    let done = 0
    for (let q = 1; q < 1_000; q += 2) {
      const want = {
        queues: [{ name: `q${q}`, max: 100 }],
        max: 100,
        leaseMs: 60_000,
        workerId: 'w',
        waitMs: 0,
        signal,
      }
      const deliveries = await broker.receive(want)
      await broker.settle(deliveries.map((delivery) => ({ delivery, outcome: { kind: 'ack' }, endedAt: 0 })))
      done += deliveries.length
    }
    expect(done).toBe(50_000)
    // Takes 0.3 s; one look at every job a call would take minutes.
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
