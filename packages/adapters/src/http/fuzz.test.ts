import { createProducer } from '@isobar/core/producer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDatabase } from '../../test/database.ts'
import { createTestApp, hold, openMonitor, refuse } from '../../test/http/open-monitor.ts'
import { type FuzzedRequest, requests, sendFuzzed } from '../../test/http/requests.ts'
import { postgres } from '../postgres/postgres.ts'
import { serve } from '../processes/entry.ts'
import type { Authorize } from './access.ts'
import { createHttp, createMonitor } from './index.ts'

/** A worker with a dead letter and a running job, and what its broker knows of them. */
async function open(authorize?: Authorize) {
  const watched = await openMonitor()
  const { monitor, jobs, server } = watched
  await jobs.enqueue(refuse, { secret: 'hunter2' }, { id: 'dead-1' })
  await watched.settled(1)
  await jobs.enqueue(hold, null, { id: 'held-1', delay: '1h' })
  const state = async () => ({
    dead: (await server.broker.deadLetters.list()).items,
    stats: await server.broker.stats(['email', 'pages']),
    jobs: [await server.broker.get('dead-1'), await server.broker.get('held-1')],
  })
  const errors: unknown[] = []
  const http = createHttp(monitor, { ...(authorize && { authorize }), onError: (error) => errors.push(error) })
  const send = (request: FuzzedRequest) => sendFuzzed(http, request)
  return { state, send, errors }
}

test('whatever is asked of a read-only API, nothing changes, no payload is told, and it is never 5xx', async () => {
  const { state, send, errors } = await open()
  const before = await state()
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const { status, answer, type } = await send(request)
      expect(status).toBeLessThan(500)
      expect(answer).not.toContain('hunter2')
      if (status >= 400 && request.method !== 'HEAD' && type?.startsWith('application/json'))
        expect(JSON.parse(answer)).toEqual({ error: { code: expect.any(String), message: expect.any(String) } })
      if (!['GET', 'HEAD'].includes(request.method)) expect(status).toBeGreaterThanOrEqual(400)
    }),
    { numRuns: 2_000 },
  )
  expect(await state()).toEqual(before)
  expect(errors).toEqual([])
}, 60_000)

test('whatever is asked by somebody who may do everything, it is never 5xx, and never by a request that was not meant', async () => {
  const { state, send, errors } = await open(() => true)
  let changes = 0
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const before = await state()
      const { status } = await send(request)
      if (status === 200 && request.method === 'POST') changes++
      expect(status).toBeLessThan(500)
      const meant =
        request.real || (request.headers['x-isobar'] === '1' && request.headers['content-type']?.includes('json'))
      if (status !== 200 || request.method !== 'POST' || !meant) expect(await state()).toEqual(before)
    }),
    { numRuns: 1_500 },
  )
  expect(changes).toBeGreaterThan(10)
  expect(errors).toEqual([])
}, 60_000)

const asked = { query: {}, headers: {}, body: '', real: true }

/** No column takes a NUL; half a character is none; a cursor may be larger than any number that a database has. */
const NO_TEXT_OF_A_DATABASE: readonly FuzzedRequest[] = [
  ...['a\u0000', '\ud800', `${10n ** 19n}`, `${10n ** 17n}`, "'; --"].flatMap((text): FuzzedRequest[] => [
    { ...asked, path: '/api/dead-letters', query: { queue: text }, method: 'GET' },
    { ...asked, path: '/api/dead-letters', query: { cursor: text }, method: 'GET' },
    { ...asked, path: '/api/dead-letters/redrive', body: JSON.stringify({ ids: [text] }), method: 'POST' },
    { ...asked, path: '/api/dead-letters/discard', body: JSON.stringify({ queue: text }), method: 'POST' },
    { ...asked, path: `/api/jobs/${encodeURIComponent(text.toWellFormed())}`, method: 'GET' },
    { ...asked, path: `/api/jobs/${encodeURIComponent(text.toWellFormed())}/cancel`, method: 'POST' },
  ]),
]

test('a database has nothing to object to whatever is asked', async () => {
  await using database = await createDatabase()
  const broker = postgres(database.url)
  await using server = await serve(createTestApp(), { broker, signals: false })
  const jobs = createProducer(broker)
  const dead = new Promise<void>((resolve) => void server.addHook('dead', () => resolve()))
  await jobs.enqueue(refuse, { secret: 'hunter2' }, { id: 'dead-1' })
  await jobs.enqueue(hold, null, { id: 'held-1', delay: '1h' })
  await dead
  const errors: unknown[] = []
  const http = createHttp(createMonitor(server), { authorize: () => true, onError: (error) => errors.push(error) })
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      expect((await sendFuzzed(http, request)).status).toBeLessThan(500)
    }),
    { numRuns: 1_000, examples: NO_TEXT_OF_A_DATABASE.map((request) => [request]) },
  )
  expect(errors).toEqual([])
}, 60_000)
