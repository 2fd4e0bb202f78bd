import { postgres } from '@isobar/adapters/postgres'
import type { Delivery } from '@isobar/core'
import { afterAll, expect, it } from 'vitest'
import { createDatabase } from '../database.ts'
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

it('texts that are not JSON but look so when joined with their neighbours are taken in as bytes too', async () => {
  await using broker = postgres(url, { schema: 'joined' })
  const problem = expect.stringContaining('JSON')
  for (const texts of [[''], ['', '1'], ['"a', 'b"'], ['[1', '2]'], ['1,2']]) {
    await broker.send(texts.map((text) => spec({ text })))
    expect((await broker.receive(want())).map(({ job }) => job.payload)).toEqual(
      texts.map((text) => (text === '1' ? { text } : { bytes: new TextEncoder().encode(text), problem })),
    )
    await broker.send(texts.map((text, n) => spec({ text, key: `${texts.length}-${n}`, dedupe: { mode: 'queued' } })))
    expect((await broker.receive(want())).filter(({ job }) => 'bytes' in job.payload)).toHaveLength(
      texts.filter((text) => text !== '1').length,
    )
  }
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

it('follow-up jobs that are not JSON keep to themselves where a job of the batch was lost', async () => {
  await using broker = postgres(url, { schema: 'lost_too' })
  for (const text of ['', '1,2']) {
    await broker.send([spec(), spec()])
    const deliveries = await broker.receive(want())
    expect(await broker.cancel(deliveries[0]?.job.id ?? '')).toBe(true)
    const texts = [['0'], [text, '"good"']]
    const lost = await broker.settle(
      deliveries.map((delivery, n) =>
        settled(delivery, { kind: 'ack', enqueue: (texts[n] ?? []).map((one) => spec({ queue: 'next', text: one })) }),
      ),
    )
    expect(lost).toEqual([{ delivery: deliveries[0], reason: 'canceled' }])
    const next = await broker.receive(want({ queues: [{ name: 'next', max: 10 }] }))
    expect(next.map(({ job }) => ('text' in job.payload ? job.payload.text : 'bytes'))).toEqual(['bytes', '"good"'])
  }
})

it('names that no column takes are refused before anything is sent, and a settle with such a follow-up buries its job', async () => {
  await using broker = postgres(url, { schema: 'names' })
  for (const bad of [
    { id: 'a\u0000b' },
    { key: 'k\u0000' },
    { queue: 'q\u0000' },
    { tenant: '\u0000' },
    { key: 'x'.repeat(1_001) },
    { key: '漢'.repeat(334) },
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
