import { encodeEnvelope } from '@isobar/core/codec'
import { expect, test } from 'vitest'
import { dispatchAll, idsOf, letterWith, listAll, openLetters, toLetter } from './dead-letters.ts'
import { toMessage } from './messages.ts'

test('a list, a redrive and a discard are of one queue where asked for', async () => {
  const workerd = await openLetters()
  await workerd.dispatch('dead', [toLetter('a'), toLetter('b', { queue: 'other' }), toLetter('c')])
  expect(idsOf(await listAll(workerd, { queue: 'jobs' }))).toEqual(['c', 'a'])
  expect(await workerd.ask('/redrive', { queue: 'jobs' })).toBe(2)
  expect(await workerd.ask('/redrive', { queue: 'jobs' })).toBe(0)
  expect(await workerd.ask('/discard', { queue: 'none' })).toBe(0)
  expect(await workerd.ask('/discard', { ids: ['b', 'b', 'none'] })).toBe(1)
  expect(await listAll(workerd)).toEqual([])
})

test('a redriven job starts anew under its id, each once, whoever redrives beside', async () => {
  const workerd = await openLetters()
  const ids = Array.from({ length: 120 }, (_, n) => `job-${n}`)
  await workerd.dispatch(
    'dead',
    ids.slice(0, 100).map((id) => toLetter(id)),
  )
  await workerd.dispatch(
    'dead',
    ids.slice(100).map((id) => toLetter(id)),
  )
  const counts = await workerd.ask<number[]>('/redrive-twice', { queue: 'jobs' })
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(120)
  const ran: string[] = []
  while (ran.length < 120) ran.push(...(await workerd.ask<string[]>('/ran', {})))
  expect(ran.sort()).toEqual(ids.map((id) => `${id} 1 data of ${id}`).sort())
  expect(await listAll(workerd)).toEqual([])
})

test('redrives are counted: a job that dies again is one letter, with its new death', async () => {
  const workerd = await openLetters()
  await workerd.dispatch('dead', [
    toLetter('a', { diedAt: 3_000, redrives: 1, reason: 'unrecoverable' }),
    toLetter('a'),
  ])
  expect(await listAll(workerd)).toMatchObject([{ diedAt: 3_000, redrives: 1, reason: 'unrecoverable' }])
  await workerd.dispatch('dead', [toLetter('a', { diedAt: 4_000, redrives: 2 })])
  expect(await listAll(workerd)).toMatchObject([{ diedAt: 4_000, redrives: 2, reason: 'exhausted' }])
})

test('what is no job of isobar is kept as it came, and goes back only so', async () => {
  const begun = Date.now()
  const workerd = await openLetters()
  const envelope = encodeEnvelope({
    ...{ id: 'given-up', name: 'act', queue: 'jobs', priority: 'low', enqueuedAt: 5, dueAt: 5, text: '"x"' },
  })
  await workerd.dispatch('dead', [
    toLetter('bytes', { body: new Uint8Array([0, 255, 10]), reason: 'unreadable' }),
    toLetter('object', { body: { some: ['thing'] }, reason: 'unreadable' }),
    toMessage('as it came', { id: 'raw', timestamp: new Date(7_000) }),
    toMessage(envelope, { id: 'm', timestamp: new Date(8_000) }),
  ])
  const letters = await listAll(workerd)
  for (const { diedAt } of letters) expect(diedAt === 2_000 || diedAt >= begun).toBe(true)
  expect(letters.find(({ id }) => id === 'given-up')).toMatchObject({
    ...{ reason: 'crashed', queue: 'jobs', priority: 'low', enqueuedAt: 5, payload: { text: '"x"' } },
  })
  expect(letters.find(({ id }) => id === 'raw')).toMatchObject({
    reason: 'unreadable',
    queue: 'dead',
    enqueuedAt: 7_000,
  })
  const refused = await workerd.ask<{ message: string }>('/redrive', { ids: idsOf(letters) })
  expect(refused).toMatchObject({ code: 'NOT_REDRIVEN' })
  expect(refused.message).toContain('1 dead letters were redriven; 3 are no jobs')
  expect(idsOf(await listAll(workerd)).sort()).toEqual(['bytes', 'object', 'raw'])
  expect(await workerd.ask('/redrive-raw', { ids: ['bytes', 'object', 'raw'] })).toBe(3)
  expect(((await workerd.ask('/back', {})) as string[]).sort()).toEqual([
    'bytes 0,255,10',
    'object {"some":["thing"]}',
    'raw "as it came"',
  ])
})

test('a queue without a binding: nothing is redriven, and nothing is lost', async () => {
  const workerd = await openLetters()
  await workerd.dispatch('dead', [toLetter('a', { queue: 'none' })])
  expect(await workerd.ask('/redrive', { ids: ['a'] })).toMatchObject({ code: 'OPTION' })
  expect(idsOf(await listAll(workerd))).toEqual(['a'])
})

test('a job dies, is redriven through its queue under its id, and dies anew: its redrives are counted on the way', async () => {
  const workerd = await openLetters()
  await workerd.ask('/enqueue', { id: 'doomed', tenant: 'acme' })
  const first = await letterWith(workerd, () => true)
  expect(first).toMatchObject({
    ...{ id: 'doomed', name: 'fail', queue: 'jobs', reason: 'unrecoverable', redrives: 0, attempts: 1, tenant: 'acme' },
    error: { message: 'never' },
    payload: { text: '1' },
  })
  expect(await workerd.ask('/redrive', { ids: ['doomed'] })).toBe(1)
  const second = await letterWith(workerd, ({ redrives }) => redrives === 1)
  expect(second).toMatchObject({ id: 'doomed', attempts: 1, enqueuedAt: first.enqueuedAt, tenant: 'acme' })
  expect(second.diedAt).toBeGreaterThanOrEqual(first.diedAt)
  expect(await workerd.ask('/redrive', { queue: 'jobs' })).toBe(1)
  await letterWith(workerd, ({ redrives }) => redrives === 2)
  expect(await workerd.ask<string[]>('/ran', {})).toEqual(['doomed 1', 'doomed 1', 'doomed 1'])
})

test('a thousand letters are listed, redriven by two at once, and each runs once', async () => {
  const workerd = await openLetters()
  const ids = Array.from({ length: 1_000 }, (_, n) => `job-${n}`)
  await dispatchAll(
    workerd,
    ids.map((id, n) => toLetter(id, { diedAt: 1_000 + (n % 7) })),
  )
  expect(new Set(idsOf(await listAll(workerd, { queue: 'jobs' }))).size).toBe(1_000)
  const counts = await workerd.ask<number[]>('/redrive-twice', { queue: 'jobs' })
  expect((counts[0] as number) + (counts[1] as number)).toBe(1_000)
  const ran: string[] = []
  while (ran.length < 1_000) ran.push(...(await workerd.ask<string[]>('/ran', {})))
  expect(ran.sort()).toEqual(ids.map((id) => `${id} 1 data of ${id}`).sort())
  expect(await listAll(workerd)).toEqual([])
})

test('a claim keeps others off for a minute, and then no more', async () => {
  const workerd = await openLetters()
  await workerd.dispatch('dead', [toLetter('held'), toLetter('left')])
  await workerd.ask('/claim', { id: 'held', claimedAt: Date.now() - 30_000 })
  await workerd.ask('/claim', { id: 'left', claimedAt: Date.now() - 61_000 })
  expect(await workerd.ask('/redrive', { queue: 'jobs' })).toBe(1)
  expect(idsOf(await listAll(workerd))).toEqual(['held'])
})

test('a redrive that fails on the way gives up its claims, and does what it did once', async () => {
  const workerd = await openLetters()
  const bodies = ['one', 'two', 'three']
  await workerd.dispatch(
    'dead',
    bodies.map((body, at) => toMessage(body, { id: body, timestamp: new Date(at) })),
  )
  expect(await workerd.ask('/redrive-raw', { queue: 'dead', failing: 'two' })).toMatchObject({ message: 'it is two' })
  expect(idsOf(await listAll(workerd))).toEqual(['three', 'two'])
  expect(await workerd.ask('/redrive-raw', { queue: 'dead' })).toBe(2)
  expect(await workerd.ask('/back', {})).toEqual(['one "one"', 'two "two"', 'three "three"'])
})

test('a structured clone beyond JSON is kept as far as JSON goes, and is not sent back as something else', async () => {
  const workerd = await openLetters()
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const values = { map: new Map([[1, 2]]), date: { at: new Date(0) }, cycle, big: { n: 1n } }
  await workerd.dispatch(
    'dead',
    Object.entries(values).map(([id, body]) => toMessage(body, { id })),
  )
  const refused = await workerd.ask<{ message: string }>('/redrive-raw', { ids: Object.keys(values) })
  expect(refused.message).toMatch(/^0 dead letters were redriven; 4 are no jobs .*\(map, date, cycle, big\)/)
  const letters = await listAll(workerd)
  expect(letters.length).toBe(4)
  for (const { payload } of letters)
    expect(payload).toMatchObject({ problem: expect.stringContaining('structured clone') })
})
