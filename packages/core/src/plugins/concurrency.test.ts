import { describe, expect, test } from 'vitest'
import { toDelivery } from '../../test/delivery.ts'
import { createApp } from '../app.ts'
import type { Outcome } from '../broker.ts'
import { ShutdownError } from '../errors.ts'
import { defineJob } from '../job.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { type ConcurrencyOptions, concurrency, createMemoryStore, type Store } from './concurrency.ts'

const job = defineJob<string | null>({ name: 'job' })

/** An app whose handler waits for a gate and counts who is in, per key. */
function setUp(options: Partial<ConcurrencyOptions> = {}) {
  const clock = createFakeClock()
  const gate = Promise.withResolvers<void>()
  const running = new Map<string | null, number>()
  let most = 0
  const app = createApp({ clock, grace: '1s' })
    .use(
      concurrency({
        key: (ctx) => (ctx.data as string | null) ?? undefined,
        limit: 3,
        store: createMemoryStore({ clock }),
        ...options,
      }),
    )
    .on(job, async (ctx) => {
      const key = ctx.data
      const now = (running.get(key) ?? 0) + 1
      running.set(key, now)
      if (key !== null) most = Math.max(most, now)
      await gate.promise
      running.set(key, now - 1)
      if (key === 'fails') throw new Error('no')
    })
  let ids = 0
  const run = (key: string | null): Promise<Outcome> => app.run(toDelivery('job', key, { id: `${ids++}` }))
  return { app, clock, gate, run, most: () => most, running }
}

const kinds = (outcomes: readonly Outcome[]): object =>
  Object.fromEntries(
    Object.entries(Object.groupBy(outcomes, ({ kind }) => kind)).map(([kind, all]) => [kind, all?.length]),
  )

describe('the limit', () => {
  test('holds under 100 jobs at once, for each key; who is over it goes back, uncharged', async () => {
    const { run, gate, most, clock } = setUp({ delay: '2s' })
    const outcomes = Promise.all(Array.from({ length: 100 }, (_, n) => run(n % 2 ? 'odd' : 'even')))
    await clock.advance(0)
    gate.resolve()
    const all = await outcomes
    expect(kinds(all)).toEqual({ ack: 6, release: 94 })
    expect(all.find(({ kind }) => kind === 'release')).toMatchObject({ delayMs: 2_000, error: { code: 'RELEASE' } })
    expect(most()).toBe(3)
  })

  test('is none for jobs without a key', async () => {
    const { run, gate } = setUp()
    gate.resolve()
    expect(kinds(await Promise.all(Array.from({ length: 10 }, () => run(null))))).toEqual({ ack: 10 })
  })

  test.each([0, -1, 1.5, Number.NaN])('cannot be %s', (limit) => {
    expect(() => concurrency({ key: () => 'k', limit })).toThrow(expect.objectContaining({ code: 'OPTION' }))
  })
})

describe('a slot is free again', () => {
  test.each(['succeeds', 'fails'])('when its job %s', async (key) => {
    const { run, gate } = setUp({ limit: 1 })
    gate.resolve()
    const kind = key === 'fails' ? 'retry' : 'ack'
    for (let n = 0; n < 5; n++) expect((await run(key)).kind).toBe(kind)
  })

  test('when its job was given up', async () => {
    const { app, run, clock, gate } = setUp({ limit: 1 })
    const delivery = toDelivery('job', 'k', { id: 'stuck' })
    const stuck = app.start(delivery)
    await clock.advance(0)
    expect((await run('k')).kind).toBe('release')
    stuck.abort(new ShutdownError(delivery.job))
    await clock.advance(1_000)
    expect((await stuck.outcome).kind).toBe('release')
    gate.resolve()
    expect((await run('k')).kind).toBe('ack')
  })

  test('when its job was given up while it was being taken', async () => {
    const memory = createMemoryStore()
    const answer = Promise.withResolvers<void>()
    let slow = true
    const store: Store = {
      ...memory,
      set: async (...args) => {
        const taken = await memory.set(...args)
        if (slow) await answer.promise
        return taken
      },
    }
    const { app, run, clock, gate } = setUp({ limit: 1, store })
    gate.resolve()
    const delivery = toDelivery('job', 'k', { id: 'stuck' })
    const stuck = app.start(delivery)
    stuck.abort(new ShutdownError(delivery.job))
    await clock.advance(1_000)
    slow = false
    answer.resolve()
    await stuck.ended()
    expect((await run('k')).kind).toBe('ack')
  })

  test('after its time, whatever became of its job; which then frees no slot of another', async () => {
    const clock = createFakeClock()
    const store = createMemoryStore({ clock })
    const gates = new Map([1, 2].map((n) => [`${n}`, Promise.withResolvers<void>()]))
    const app = createApp({ clock })
      .use(concurrency({ key: () => 'k', limit: 1, ttl: '1m', store }))
      .on(job, (ctx) => gates.get(ctx.job.id)?.promise)
    const run = (id: string): Promise<Outcome> => app.run(toDelivery('job', null, { id }))
    const first = run('1')
    await clock.advance(59_999)
    expect((await run('over')).kind).toBe('release')
    await clock.advance(1)
    const second = run('2')
    await clock.advance(0)
    gates.get('1')?.resolve()
    expect((await first).kind).toBe('ack')
    expect((await run('over')).kind).toBe('release')
    gates.get('2')?.resolve()
    expect((await second).kind).toBe('ack')
    expect((await run('after')).kind).toBe('ack')
  })
})

test('a run whose slot ran out does not free the slot of the run that took its job over', async () => {
  const clock = createFakeClock()
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let runs = 0
  const app = createApp({ clock })
    .use(concurrency({ key: () => 'k', limit: 1, ttl: '1m', store: createMemoryStore({ clock }) }))
    .on(job, () => gates[runs++]?.promise)
  const run = (id: string): Promise<Outcome> => app.run(toDelivery('job', null, { id }))
  const first = run('1')
  await clock.advance(60_000)
  const again = run('1')
  await clock.advance(0)
  gates[0]?.resolve()
  await first
  expect(await run('2')).toMatchObject({ kind: 'release' })
  gates[1]?.resolve()
  expect(await again).toEqual({ kind: 'ack' })
})
