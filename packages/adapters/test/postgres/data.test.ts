import { postgres } from '@isobar/adapters/postgres'
import type { Delivery } from '@isobar/core'
import { afterAll, expect, it } from 'vitest'
import { createDatabase, query } from '../database.ts'
import { settled, spec, want } from './jobs.ts'

const database = await createDatabase()
const { url } = database
afterAll(() => database[Symbol.asyncDispose]())

it('text that is not JSON is taken in as bytes, and its neighbours as they are', async () => {
  await using broker = postgres(url, { schema: 'raw' })
  await broker.send([spec({ text: '{"good":1}' }), spec({ text: '{"bad":' }), spec({ text: '[2]' })])
  const deliveries = await broker.receive(want())
  expect(deliveries.map(({ job }) => job.payload)).toEqual([
    { text: '{"good":1}' },
    { bytes: new TextEncoder().encode('{"bad":'), problem: expect.stringContaining('JSON') },
    { text: '[2]' },
  ])
  const bad = deliveries[1] as Delivery
  await broker.settle([settled(bad, { kind: 'dead', reason: 'unreadable', error: new Error('x') })])
  const { items } = await broker.deadLetters.list()
  expect(items).toMatchObject([{ id: bad.job.id, payload: { bytes: new TextEncoder().encode('{"bad":') } }])
  expect(await broker.deadLetters.redrive({ ids: [bad.job.id] })).toBe(1)
  expect((await broker.receive(want()))[0]?.job.payload).toEqual(bad.job.payload)
})

it('follow-up jobs that are not JSON spoil no ack', async () => {
  await using broker = postgres(url, { schema: 'follow_up' })
  await broker.send([spec(), spec(), spec()])
  const deliveries = await broker.receive(want())
  const enqueue = (text: string) => [spec({ queue: 'next', text })]
  const lost = await broker.settle(
    deliveries.map((delivery, n) =>
      settled(delivery, { kind: 'ack', enqueue: enqueue(n === 1 ? 'nonsense' : `${n}`) }),
    ),
  )
  expect(lost).toEqual([])
  const next = await broker.receive(want({ queues: [{ name: 'next', max: 10 }] }))
  expect(next.map(({ job }) => ('text' in job.payload ? job.payload.text : 'bytes')).sort()).toEqual([
    '0',
    '2',
    'bytes',
  ])
})

it('names that no column takes are refused before anything is sent, and a settle with such a follow-up buries its job', async () => {
  await using broker = postgres(url, { schema: 'names' })
  for (const bad of [
    { id: 'a\u0000b' },
    { key: 'k\u0000' },
    { queue: 'q\u0000' },
    { tenant: '\u0000' },
    { key: 'x'.repeat(601) },
  ])
    await expect(broker.send([spec(), spec(bad)])).rejects.toMatchObject({ code: 'OPTION' })
  expect(await broker.queues()).toEqual([])
  expect(await broker.get('a\u0000b')).toBeUndefined()
  expect(await broker.cancel('a\u0000b')).toBe(false)

  await broker.send([spec()])
  const [delivery] = (await broker.receive(want())) as [Delivery]
  await broker.settle([settled(delivery, { kind: 'ack', enqueue: [spec({ queue: '\u0000' })] })])
  expect(await broker.get(delivery.job.id)).toMatchObject({ state: 'dead', reason: 'unrecoverable' })
})

it('SQL in any text stays text', async () => {
  await using broker = postgres(url, { schema: 'injected' })
  const evil = `'; DROP TABLE injected.job; -- $1 " \\ {a,"b"} NULL`
  const [sent] = await broker.send([
    spec({ id: evil, name: evil, queue: evil, key: evil, tenant: evil, text: JSON.stringify(evil) }),
  ])
  expect(sent).toEqual({ id: evil, duplicate: false })
  await broker.pause(evil)
  await broker.resume(evil)
  const [delivery] = (await broker.receive(want({ queues: [{ name: evil, max: 1 }], workerId: evil }))) as [Delivery]
  expect(delivery.job).toMatchObject({
    id: evil,
    name: evil,
    queue: evil,
    tenant: evil,
    payload: { text: JSON.stringify(evil) },
  })
  await broker.progress(delivery, evil)
  expect(await broker.get(evil)).toMatchObject({ workerId: evil, progress: evil })
  await broker.settle([settled(delivery, { kind: 'dead', reason: 'exhausted', error: new Error(evil) })])
  expect((await broker.deadLetters.list({ queue: evil })).items).toMatchObject([{ error: { message: evil } }])
  expect(await broker.deadLetters.discard({ queue: evil })).toBe(1)
})

it('a partition that is missing is made, and no outcome is lost for it', async () => {
  await using broker = postgres(url, { schema: 'parts', retain: '1h', log: '1h' })
  await broker.send([spec(), spec()])
  const deliveries = await broker.receive(want())
  const partitions = `SELECT inhrelid::regclass::text AS name FROM pg_inherits
    WHERE inhparent IN ('parts.finished'::regclass, 'parts.execution'::regclass)`
  for (const { name } of await query<{ name: string }>(url, partitions)) await query(url, `DROP TABLE ${name}`)
  expect(await broker.settle(deliveries.map((delivery) => settled(delivery, { kind: 'ack', result: 1 })))).toEqual([])
  for (const { job } of deliveries) expect(await broker.get(job.id)).toMatchObject({ state: 'done', result: 1 })
})

it('what is past its retention is dropped, a partition at a time', async () => {
  await using broker = postgres(url, { schema: 'retained', retain: '1h', log: '3d' })
  await broker.ready()
  const old = Math.floor(Date.now() / 3_600_000) * 3_600 - 5 * 3_600
  for (const [from, to] of [
    [old, old + 3_600],
    [old + 3_600 * 3, old + 3_600 * 4],
  ] as const) {
    await query(
      url,
      `CREATE TABLE retained.finished_${from}_${to} PARTITION OF retained.finished
      FOR VALUES FROM ('${new Date(from * 1000).toISOString()}') TO ('${new Date(to * 1000).toISOString()}')`,
    )
  }
  const names = async (): Promise<string[]> =>
    (
      await query<{ name: string }>(
        url,
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'retained.finished'::regclass`,
      )
    ).map(({ name }) => name)
  await using other = postgres(url, { schema: 'retained', retain: '1h', log: '3d' })
  await other.ready()
  const kept = await names()
  expect(kept).not.toContain(`retained.finished_${old}_${old + 3_600}`)
  const bounds = kept.map((name) => name.split('_').slice(1).map(Number))
  const now = Date.now() / 1_000
  expect(bounds.some(([from, to]) => (from as number) <= now && now < (to as number))).toBe(true)
  expect(Math.max(...bounds.map(([, to]) => to as number))).toBeGreaterThan(now + 3_600)
})
