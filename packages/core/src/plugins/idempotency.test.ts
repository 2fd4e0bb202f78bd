import { describe, expect, test } from 'vitest'
import { toDelivery } from '../../test/delivery.ts'
import { createApp } from '../app.ts'
import type { Outcome } from '../broker.ts'
import { defineJob } from '../job.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createMemoryStore, type IdempotencyOptions, idempotency, type Store } from './idempotency.ts'

const job = defineJob<string>({ name: 'job' })
const other = defineJob<string>({ name: 'other' })

function setUp(handler: (data: string, run: number) => unknown, options: IdempotencyOptions = {}) {
  const clock = createFakeClock()
  const store = createMemoryStore({ clock })
  let runs = 0
  const app = createApp({ clock })
    .use(idempotency({ store, ...options }))
    .on(job, (ctx) => handler(ctx.data, runs++))
    .on(other, (ctx) => handler(ctx.data, runs++))
  const run = (id: string, data = id, name = 'job'): Promise<Outcome> => app.run(toDelivery(name, data, { id }))
  return { app, clock, store, run, runs: () => runs }
}

describe('a key that was done', () => {
  test.each([[{ messageId: 'm' }], [[1, null]], ['text'], [0], [null], [false]])(
    'is acked with the result that was remembered, without the handler: %j',
    async (result) => {
      const { run, runs } = setUp(async () => result)
      expect(await run('1')).toEqual({ kind: 'ack', result })
      expect(await run('1')).toEqual({ kind: 'ack', result })
      expect(runs()).toBe(1)
    },
  )

  test('also when there was no result', async () => {
    const { run, runs } = setUp(() => {})
    expect([await run('1'), await run('1')]).toEqual([{ kind: 'ack' }, { kind: 'ack' }])
    expect(runs()).toBe(1)
  })

  test('is remembered for its time', async () => {
    const { run, runs, clock } = setUp((_, at) => at, { ttl: '1h' })
    await run('1')
    await clock.advance(3_599_999)
    expect(await run('1')).toEqual({ kind: 'ack', result: 0 })
    await clock.advance(1)
    expect(await run('1')).toEqual({ kind: 'ack', result: 1 })
    expect(runs()).toBe(2)
  })
})

test('the key is the id, or what the options say, for each job type by itself; without one a job runs', async () => {
  const byId = setUp((_, at) => at)
  await byId.run('1')
  await byId.run('2')
  await byId.run('1', 'x', 'other')
  expect(byId.runs()).toBe(3)

  const byData = setUp((_, at) => at, { key: (ctx) => (ctx.data === 'none' ? undefined : String(ctx.data)) })
  await byData.run('1', 'a')
  await byData.run('2', 'a')
  expect(byData.runs()).toBe(1)
  await byData.run('3', 'none')
  await byData.run('3', 'none')
  expect(byData.runs()).toBe(3)
})

test('a key that is being worked on is put back, uncharged', async () => {
  const gate = Promise.withResolvers<string>()
  const { run, runs, clock } = setUp(() => gate.promise)
  const first = run('1')
  await clock.advance(0)
  expect(await run('1')).toMatchObject({ kind: 'release', delayMs: 1_000, error: { code: 'RELEASE' } })
  gate.resolve('done')
  expect(await first).toEqual({ kind: 'ack', result: 'done' })
  expect(await run('1')).toEqual({ kind: 'ack', result: 'done' })
  expect(runs()).toBe(1)
})

test('a key whose worker is gone is free after its time', async () => {
  const { run, store, clock } = setUp((_, at) => at, { workingTtl: '1m' })
  await store.set('idempotency:job:1', 'working:1#1', { ttlMs: 60_000, ifAbsent: true })
  expect((await run('1')).kind).toBe('release')
  await clock.advance(60_000)
  expect((await run('1')).kind).toBe('ack')
})

describe('a failure', () => {
  test('forgets the key, so that the next attempt runs', async () => {
    const { run, runs } = setUp((_, at) => {
      if (at === 0) throw new Error('no')
      return 'done'
    })
    expect(await run('1')).toMatchObject({ kind: 'retry', error: new Error('no') })
    expect(await run('1')).toEqual({ kind: 'ack', result: 'done' })
    expect(runs()).toBe(2)
  })

  test('takes no key from another who works on it meanwhile', async () => {
    const gate = Promise.withResolvers<never>()
    const { run, store, clock } = setUp(() => gate.promise, { workingTtl: '1m' })
    const failing = run('1')
    await clock.advance(60_000)
    await store.set('idempotency:job:1', 'working:2#1', { ttlMs: 60_000, ifAbsent: true })
    gate.reject(new Error('no'))
    expect((await failing).kind).toBe('retry')
    expect(await store.get('idempotency:job:1')).toBe('working:2#1')
  })

  test('is told as it is, though the store fails too', async () => {
    const store: Store = { ...createMemoryStore(), delete: () => Promise.reject(new Error('the store is down')) }
    const { run } = setUp(
      () => {
        throw new Error('the handler')
      },
      { store },
    )
    expect(await run('1')).toMatchObject({ kind: 'retry', error: new Error('the handler') })
  })
})

test('work that is done stays done when its result cannot be remembered, and that is logged', async () => {
  const memory = createMemoryStore()
  const store: Store = {
    ...memory,
    set: (key, value, options) =>
      options.ifAbsent ? memory.set(key, value, options) : Promise.reject(new Error('the store is down')),
  }
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  for (const [result, options] of [
    ['done', { store }],
    [cycle, {}],
  ] as const) {
    const { app, run } = setUp(() => result, options)
    const warnings: unknown[] = []
    app.hook('log', ({ level, fields }) => warnings.push([level, fields]))
    expect(await run('1')).toEqual({ kind: 'ack', result })
    expect(warnings).toEqual([['warn', { error: expect.any(String) }]])
  }
})

test('a store that is down fails the job before it starts', async () => {
  const store: Store = { ...createMemoryStore(), set: () => Promise.reject(new Error('the store is down')) }
  const { run, runs } = setUp(() => 'done', { store })
  expect(await run('1')).toMatchObject({ kind: 'retry', error: new Error('the store is down') })
  expect(runs()).toBe(0)
})

test('a run whose key ran out does not forget the key of the run that took its job over', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const { run, clock } = setUp((_, at) => gates[at]?.promise, { workingTtl: '1m' })
  const first = run('1')
  await clock.advance(60_000)
  const again = run('1')
  await clock.advance(0)
  gates[0]?.reject(new Error('no'))
  expect(await first).toMatchObject({ kind: 'retry' })
  expect(await run('1')).toMatchObject({ kind: 'release' })
  gates[1]?.resolve()
  expect(await again).toEqual({ kind: 'ack' })
})
