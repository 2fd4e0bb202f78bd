import type { DeadLetter } from '@isobar/core'
import { encodeEnvelope } from '@isobar/core/codec'
import { expect, test } from 'vitest'
import { type Death, toDeadMessage } from '../../src/cloudflare/dead-message.ts'
import { toMessage } from './messages.ts'
import { openWorkerd, type TestMessage, type Workerd } from './open-workerd.ts'

const LETTERS = new URL('./fixtures/letters.ts', import.meta.url)

type Page = { readonly items: readonly DeadLetter[]; readonly cursor?: string }

const open = (): Promise<Workerd> =>
  openWorkerd(LETTERS, {
    queueProducers: { JOBS: 'jobs', DLQ: 'dead' },
    queueConsumers: { jobs: { maxBatchTimeout: 0.02 } },
    d1Databases: { DB: 'db' },
  })

/** A letter as its queue delivers it. */
function toLetter(
  id: string,
  death: Partial<Omit<Death, 'job'>> & { readonly queue?: string; readonly tenant?: string } = {},
): TestMessage {
  const { queue = 'jobs', tenant, ...rest } = death
  const job = { id, name: 'act', queue, priority: 'normal', enqueuedAt: 1_000, dueAt: 1_000 } as const
  const { body } = toDeadMessage({
    ...{ reason: 'exhausted', attempts: 5, diedAt: 2_000, redrives: 0, error: new TypeError('it failed') },
    body: encodeEnvelope({ ...job, text: JSON.stringify(`data of ${id}`) }),
    ...rest,
    job: { ...job, crashes: 1, ...(tenant !== undefined && { tenant }) },
  })
  return toMessage(body, { id: `m:${id}` })
}

async function listAll(
  { ask }: Workerd,
  options: { readonly queue?: string; readonly limit?: number } = {},
): Promise<DeadLetter[]> {
  const all: DeadLetter[] = []
  for (let cursor: string | undefined; ; ) {
    const page: Page = await ask('/list', { ...options, ...(cursor !== undefined && { cursor }) })
    all.push(...page.items)
    cursor = page.cursor
    if (cursor === undefined) return all
  }
}

const idsOf = (letters: readonly { readonly id: string }[]): string[] => letters.map(({ id }) => id)

test('a letter is kept with all there is to know, once, whatever is delivered twice', async () => {
  const workerd = await open()
  const letter = toLetter('a', { tenant: 'acme' })
  const again = { ...letter, id: 'another' }
  expect((await workerd.dispatch('dead', [letter, again])).explicitAcks).toEqual(['m:a', 'another'])
  await workerd.dispatch('dead', [letter])
  expect(await listAll(workerd)).toEqual([
    {
      ...{ id: 'a', name: 'act', queue: 'jobs', priority: 'normal', tenant: 'acme', reason: 'exhausted' },
      ...{ attempts: 5, crashes: 1, enqueuedAt: 1_000, diedAt: 2_000, redrives: 0 },
      error: { name: 'TypeError', message: 'it failed', stack: expect.any(String) },
      payload: { text: '"data of a"' },
    },
  ])
})

test('pages come newest first, miss nothing and show nothing twice, with ties and between deaths', async () => {
  const workerd = await open()
  const letters = Array.from({ length: 250 }, (_, n) => toLetter(`${n}`, { diedAt: 1_000 + Math.floor(n / 40) }))
  for (let at = 0; at < 250; at += 100) await workerd.dispatch('dead', letters.slice(at, at + 100))
  const all = await listAll(workerd, { limit: 33 })
  expect(new Set(idsOf(all)).size).toBe(250)
  expect(all.length).toBe(250)
  expect(all.map(({ diedAt }) => diedAt)).toEqual(all.map(({ diedAt }) => diedAt).sort((a, b) => b - a))
  const first: Page = await workerd.ask('/list', { limit: 10 })
  await workerd.dispatch('dead', [toLetter('new', { diedAt: 9_999 })])
  const second: Page = await workerd.ask('/list', { limit: 10, cursor: first.cursor })
  expect(idsOf([...first.items, ...second.items])).toEqual(idsOf(all.slice(0, 20)))
  expect(await workerd.ask('/list', { cursor: 'x' })).toMatchObject({ code: 'OPTION' })
})

test('a list, a redrive and a discard are of one queue where asked for', async () => {
  const workerd = await open()
  await workerd.dispatch('dead', [toLetter('a'), toLetter('b', { queue: 'other' }), toLetter('c')])
  expect(idsOf(await listAll(workerd, { queue: 'jobs' }))).toEqual(['c', 'a'])
  expect(await workerd.ask('/redrive', { queue: 'jobs' })).toBe(2)
  expect(await workerd.ask('/redrive', { queue: 'jobs' })).toBe(0)
  expect(await workerd.ask('/discard', { queue: 'none' })).toBe(0)
  expect(await workerd.ask('/discard', { ids: ['b', 'b', 'none'] })).toBe(1)
  expect(await listAll(workerd)).toEqual([])
})

test('a redriven job starts anew under its id, each once, whoever redrives beside', async () => {
  const workerd = await open()
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
  const workerd = await open()
  await workerd.dispatch('dead', [
    toLetter('a', { diedAt: 3_000, redrives: 1, reason: 'unrecoverable' }),
    toLetter('a'),
  ])
  expect(await listAll(workerd)).toMatchObject([{ diedAt: 3_000, redrives: 1, reason: 'unrecoverable' }])
  await workerd.dispatch('dead', [toLetter('a', { diedAt: 4_000, redrives: 2 })])
  expect(await listAll(workerd)).toMatchObject([{ diedAt: 4_000, redrives: 2, reason: 'exhausted' }])
})

test('what is no job of isobar is kept as it came, and goes back only so', async () => {
  const workerd = await open()
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
  expect(letters.find(({ id }) => id === 'given-up')).toMatchObject({
    ...{ reason: 'crashed', queue: 'jobs', priority: 'low', diedAt: 8_000, payload: { text: '"x"' } },
  })
  expect(letters.find(({ id }) => id === 'raw')).toMatchObject({ reason: 'unreadable', queue: 'dead', diedAt: 7_000 })
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
  const workerd = await open()
  await workerd.dispatch('dead', [toLetter('a', { queue: 'none' })])
  expect(await workerd.ask('/redrive', { ids: ['a'] })).toMatchObject({ code: 'OPTION' })
  expect(idsOf(await listAll(workerd))).toEqual(['a'])
})

test('when D1 fails, letters come again', async () => {
  const workerd = await open()
  await workerd.dispatch('dead', [toLetter('a')])
  await workerd.ask('/drop', {})
  const { explicitAcks, retryMessages } = await workerd.dispatch('dead', [toLetter('b'), toLetter('c')])
  expect([explicitAcks, retryMessages]).toEqual([
    [],
    [
      { msgId: 'm:b', delaySeconds: 30 },
      { msgId: 'm:c', delaySeconds: 30 },
    ],
  ])
})

test('letters over their time are deleted', async () => {
  const workerd = await open()
  const now = Date.now()
  await workerd.dispatch('short', [toLetter('old', { diedAt: now - 7_200_000 }), toLetter('new', { diedAt: now })])
  expect(idsOf(await listAll(workerd))).toEqual(['new'])
})
