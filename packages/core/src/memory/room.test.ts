import { describe, expect, it } from 'vitest'
import { dead, ids, receive, settle, spec } from '../../test/broker-calls.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createMemoryBroker } from './index.ts'

describe('a full memory broker', () => {
  it('refuses what does not fit, all of it, until there is room', async () => {
    const broker = createMemoryBroker({ maxJobs: 2 })
    await broker.send([spec({ id: 'a' })])
    await expect(broker.send([spec(), spec()])).rejects.toMatchObject({ code: 'BROKER_FULL' })
    await broker.send([spec({ id: 'b' })])
    await expect(broker.send([spec()])).rejects.toThrow(/holds its limit of 2 jobs.*maxJobs/)
    const [first] = await receive(broker, 1)
    await expect(broker.send([spec()]), 'a running job takes room too').rejects.toMatchObject({ code: 'BROKER_FULL' })
    await settle(broker, first, { kind: 'ack' })
    await broker.send([spec({ id: 'c' })])
    expect(ids(await receive(broker))).toEqual(['b', 'c'])
  })

  it('still answers duplicates, which take no room', async () => {
    const broker = createMemoryBroker({ maxJobs: 2 })
    const k = spec({ key: 'k' })
    const [a, , b] = await broker.send([k, k, spec({ id: 'b' }), spec({ id: 'b' })])
    expect(await broker.send([k, spec({ id: 'b' })])).toEqual([
      { id: a?.id, duplicate: true },
      { id: b?.id, duplicate: true },
    ])
    await expect(broker.send([k, spec({ id: 'c' }), spec({ id: 'c' })])).rejects.toMatchObject({ code: 'BROKER_FULL' })
  })

  it('retries an ack whose follow-ups find no room, and loses nothing', async () => {
    const clock = createFakeClock()
    const broker = createMemoryBroker({ maxJobs: 2, clock })
    await broker.send([spec({ id: 'a', key: 'k' }), spec({ id: 'b' })])
    const [a] = await receive(broker, 1)
    await settle(broker, a, { kind: 'ack', enqueue: [spec({ id: 'c' }), spec({ id: 'd' })] })
    expect(await broker.get('a')).toMatchObject({
      state: 'queued',
      attempt: 2,
      error: { code: 'BROKER_FULL' },
      dueAt: clock.now() + 1_000,
    })
    expect([await broker.get('c'), await broker.get('d')]).toEqual([undefined, undefined])
    expect(await broker.send([spec({ key: 'k' })])).toEqual([{ id: 'a', duplicate: true }])
    await settle(broker, (await receive(broker))[0], { kind: 'ack' })
    await clock.advance(1_000)
    const [again] = await receive(broker)
    await settle(broker, again, { kind: 'ack', enqueue: [spec({ id: 'c' }), spec({ id: 'd' })] })
    expect(ids(await receive(broker))).toEqual(['c', 'd'])
  })

  it('lets one follow-up take the place of its job', async () => {
    const broker = createMemoryBroker({ maxJobs: 1 })
    await broker.send([spec({ id: 'a', key: 'k' })])
    await settle(broker, (await receive(broker))[0], { kind: 'ack', enqueue: [spec({ id: 'b', key: 'k' })] })
    expect(ids(await receive(broker))).toEqual(['b'])
    expect(await broker.get('a')).toMatchObject({ state: 'done' })
  })

  it('takes no jobs while its dead letters are full, and drops none of them', async () => {
    const broker = createMemoryBroker({ maxDead: 2 })
    await broker.send(['a', 'b', 'c'].map((id) => spec({ id })))
    for (const delivery of await receive(broker)) await settle(broker, delivery, dead)
    await expect(broker.send([spec()])).rejects.toThrow(/limit of 2 dead letters.*redrive or discard/)
    const { items } = await broker.deadLetters.list()
    expect(items.map((letter) => letter.id)).toEqual(['c', 'b', 'a'])
    await broker.deadLetters.discard({ ids: ['a'] })
    expect(await broker.send([spec({ id: 'b' })]), 'a duplicate takes no room').toEqual([{ id: 'b', duplicate: true }])
    await broker.deadLetters.discard({ ids: ['b'] })
    await broker.send([spec()])
  })

  it('redrives all or none', async () => {
    const broker = createMemoryBroker({ maxJobs: 3 })
    await broker.send([spec(), spec()])
    for (const delivery of await receive(broker)) await settle(broker, delivery, dead)
    await broker.send([spec({ id: 'a' }), spec({ id: 'b' })])
    await expect(broker.deadLetters.redrive({ queue: 'q' })).rejects.toMatchObject({ code: 'BROKER_FULL' })
    expect((await broker.stats(['q']))[0]).toMatchObject({ ready: 2, dead: 2 })
    await broker.cancel('a')
    expect(await broker.deadLetters.redrive({ queue: 'q' })).toBe(2)
  })

  it('bounds the keys that windows hold', async () => {
    const clock = createFakeClock()
    const broker = createMemoryBroker({ maxJobs: 2, clock })
    const window = { mode: 'window', windowMs: 1_000 } as const
    for (const key of ['k', 'l']) {
      await broker.send([spec({ key, dedupe: window })])
      await settle(broker, (await receive(broker))[0], { kind: 'ack' })
    }
    await expect(broker.send([spec({ key: 'm', dedupe: window })])).rejects.toThrow(/keys held by a window/)
    await broker.send([spec({ key: 'm' })])
    await clock.advance(1_000)
    await broker.send([spec({ key: 'n', dedupe: window })])
  })
})
