import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { expect, test, vi } from 'vitest'
import { createTestApp, hold, openMonitor, refuse, send, type Watched } from '../../test/http/open-monitor.ts'
import type { Authorize } from './access.ts'
import type { DeadLettersAnswer, HealthAnswer } from './contract.ts'
import { createHttp, createMonitor } from './index.ts'
import { MAX_BODY_BYTES, MAX_FULL_PAGE, MAX_IDS, MAX_PAGE } from './input.ts'

const ALL: Authorize = () => true
const JSON_HEADERS = { 'content-type': 'application/json', 'x-isobar': '1' }

async function open(authorize?: Authorize, app = createTestApp()) {
  const watched = await openMonitor(app)
  const onError = vi.fn()
  const http = createHttp(watched.monitor, { ...(authorize && { authorize }), onError })
  const mounted = new Hono().route('/isobar', http)
  const ask = async (path: string, init?: RequestInit): Promise<[number, unknown]> => {
    const response = await mounted.request(`http://localhost/isobar${path}`, init)
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    return [response.status, isJson ? JSON.parse(text) : text]
  }
  const headersOf = async (path: string, method = 'GET'): Promise<Headers> =>
    (await mounted.request(`http://localhost/isobar${path}`, { method })).headers
  const post = (path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
    ask(path, { method: 'POST', headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) })
  return { ...watched, http, mounted, ask, post, headersOf, onError }
}

/** Puts dead letters into the broker. */
async function die({ jobs, settled }: Watched, count = 1): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) ids.push((await jobs.enqueue(refuse, { secret: `hunter${n}` })).id)
  await settled(count)
  return ids
}

test('lives, and is ready while it takes jobs, for whoever asks', async () => {
  const { ask, mounted, server } = await open(() => false)
  expect(await ask('/healthz')).toMatchObject([200, { id: 'w1', state: 'running', healthy: true }])
  expect((await ask('/readyz'))[0]).toBe(200)
  server.worker.pause()
  expect(await ask('/readyz')).toMatchObject([503, { id: 'w1', state: 'paused', healthy: true }])
  expect((await mounted.request('/isobar/healthz', { method: 'HEAD' })).status).toBe(200)
  await server.stop()
  expect(await ask('/readyz')).toMatchObject([503, { state: 'stopped' }])
  expect((await ask('/healthz'))[0]).toBe(200)
})

test('metrics are served as what Prometheus asks for', async () => {
  const { ask, headersOf } = await open()
  const [status, text] = await ask('/metrics')
  expect(status).toBe(200)
  expect((await headersOf('/metrics')).get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(text).toContain('# TYPE isobar_jobs_total counter\n')
})

test('without authorize everybody may look, and nobody may change anything or see payloads', async () => {
  const opened = await open()
  const { ask, post, server } = opened
  const [id = ''] = await die(opened)
  const [, health] = (await ask('/api/health')) as [number, HealthAnswer]
  expect(health.may).toEqual({ write: false, payloads: false })
  expect(health).toMatchObject({
    desired: null,
    broker: 'memory',
    can: { deadLetter: true, lookup: true, pause: true, stats: true },
    health: { id: 'w1', counts: { dead: 1 } },
  })
  for (const path of ['/api/health', '/api/history', '/api/queues', '/api/dead-letters', `/api/jobs/${id}`, '/'])
    expect((await ask(path))[0], path).toBe(200)
  for (const [path, body] of [
    ['/api/dead-letters/redrive', { ids: [id] }],
    ['/api/dead-letters/discard', { queue: 'email' }],
    ['/api/queues/email/pause', {}],
    ['/api/queues/email/resume', {}],
    [`/api/jobs/${id}/cancel`, {}],
    ['/api/recycle', {}],
  ] as const) {
    expect(await post(path, body), path).toMatchObject([
      403,
      { error: { code: 'FORBIDDEN', message: expect.stringContaining('read-only') } },
    ])
  }
  expect((await server.broker.deadLetters.list()).items.length).toBe(1)
  expect((await server.broker.stats(['email']))[0]?.paused).toBe(false)
})

test('each action is asked for by itself, with the request', async () => {
  const authorize = vi.fn<Authorize>((request, action) => action === request.headers.get('x-may'))
  const opened = await open(authorize)
  const { ask, post } = opened
  const ids = await die(opened)
  expect((await ask('/metrics'))[0]).toBe(403)
  expect((await ask('/'))[0]).toBe(403)
  expect((await ask('/metrics', { headers: { 'x-may': 'read' } }))[0]).toBe(200)
  expect((await post('/api/dead-letters/redrive', { ids }, { 'x-may': 'read' }))[0]).toBe(403)
  expect((await post('/api/dead-letters/redrive', { ids }, { 'x-may': 'payloads' }))[0]).toBe(403)
  expect(await post('/api/dead-letters/redrive', { ids }, { 'x-may': 'write' })).toMatchObject([200, { count: 1 }])
  expect(authorize.mock.calls.map(([, action]) => action)).toEqual(['read', 'read', 'read', 'write', 'write', 'write'])
})

test('when it cannot be found out whether a request may, it may not', async () => {
  const failed = new Error('no such session')
  const { ask, post, onError } = await open(async () => {
    throw failed
  })
  expect((await ask('/api/health'))[0]).toBe(403)
  expect((await post('/api/queues/email/pause'))[0]).toBe(403)
  expect(onError.mock.calls).toEqual([[failed], [failed]])
  const truthy = await open((() => 'yes') as unknown as Authorize)
  expect((await truthy.ask('/api/health'))[0]).toBe(403)
})

test('dead letters: listed by page, newest first, redriven and discarded', async () => {
  const opened = await open(ALL)
  const { ask, post, settled, server } = opened
  const ids = await die(opened, 3)
  const [, page] = (await ask('/api/dead-letters?queue=email&limit=2')) as [number, DeadLettersAnswer]
  expect(page.items.map(({ id }) => id)).toEqual([ids[2], ids[1]])
  expect(page.items[0]).toMatchObject({
    name: 'email.refuse',
    reason: 'unrecoverable',
    error: { name: 'Unrecoverable', message: 'refused', code: 'UNRECOVERABLE' },
    tenant: null,
    attempts: 1,
  })
  const [, rest] = (await ask(`/api/dead-letters?limit=2&cursor=${page.cursor}`)) as [number, DeadLettersAnswer]
  expect([rest.items.map(({ id }) => id), rest.cursor]).toEqual([[ids[0]], null])
  expect(await post('/api/dead-letters/redrive', { ids: [ids[0], ids[0], 'none'] })).toMatchObject([200, { count: 1 }])
  await settled(4)
  expect(await post('/api/dead-letters/discard', { queue: 'email' })).toMatchObject([200, { count: 3 }])
  expect((await server.broker.deadLetters.list()).items).toEqual([])
})

test('payloads are shown without their values, unless the request may see them and asks for it', async () => {
  const opened = await open((_, action) => action !== 'write')
  const secret = { secret: 'hunter0' }
  await die(opened)
  const payload = async (path: string) => ((await opened.ask(path))[1] as DeadLettersAnswer).items[0]?.payload
  const bytes = JSON.stringify(secret).length
  expect(await payload('/api/dead-letters')).toEqual({ text: '{"secret":"string"}', redacted: true, bytes })
  expect(await payload('/api/dead-letters?payload=full')).toEqual({
    text: JSON.stringify(secret),
    redacted: false,
    bytes,
  })
  const readOnly = await open()
  await die(readOnly)
  const [, redacted] = await readOnly.ask('/api/dead-letters?payload=full')
  expect(JSON.stringify(redacted)).not.toContain('hunter')
})

test('a page has a bound, and a smaller one with whole payloads', async () => {
  const opened = await open(ALL)
  await die(opened, MAX_PAGE + 5)
  const count = async (query: string) =>
    ((await opened.ask(`/api/dead-letters?${query}`))[1] as DeadLettersAnswer).items.length
  expect(await count('limit=1000')).toBe(MAX_PAGE)
  expect(await count('limit=1000&payload=full')).toBe(MAX_FULL_PAGE)
  expect(await count('')).toBe(50)
})

test('jobs: shown by id, cancelled; their results only to who may see payloads', async () => {
  const { ask, post, jobs, clock, settled } = await open(ALL)
  const { id } = await jobs.enqueue(hold, null, { delay: '1h' })
  expect(await ask(`/api/jobs/${id}`)).toMatchObject([
    200,
    { job: { id, name: 'page.hold', state: 'queued', attempt: 1 } },
  ])
  expect(await post(`/api/jobs/${id}/cancel`)).toMatchObject([200, { done: true }])
  expect(await ask(`/api/jobs/${id}`)).toMatchObject([200, { job: { state: 'canceled' } }])
  expect(await post(`/api/jobs/${id}/cancel`)).toMatchObject([409, { error: { code: 'NOT_ALIVE' } }])
  expect(await ask('/api/jobs/none')).toMatchObject([404, { error: { code: 'NO_JOB' } }])
  await jobs.enqueue(send, { to: 'ann' }, { id: 'a/b c' })
  await settled(1)
  await clock.advance(0)
  expect(await ask('/api/jobs/a%2Fb%20c')).toMatchObject([
    200,
    { job: { id: 'a/b c', state: 'done', result: 'sent to ann' } },
  ])

  const other = await open()
  await other.jobs.enqueue(send, { to: 'ann' }, { id: 'a' })
  await other.settled(1)
  const [, shown] = await other.ask('/api/jobs/a')
  expect(shown).toMatchObject({ job: { state: 'done' } })
  expect(shown).not.toHaveProperty('job.result')
})

test('queues: told, paused and resumed, of this worker only', async () => {
  const { ask, post, server } = await open(ALL)
  const paused = async () => (await server.broker.stats(['email']))[0]?.paused
  expect(await post('/api/queues/email/pause')).toMatchObject([200, { done: true }])
  expect(await paused()).toBe(true)
  expect(await ask('/api/queues')).toMatchObject([
    200,
    { queues: [{ queue: 'email', paused: true }, { queue: 'pages' }] },
  ])
  expect((await post('/api/queues/email/resume'))[0]).toBe(200)
  expect(await paused()).toBe(false)
  expect(await post('/api/queues/other/pause')).toMatchObject([404, { error: { code: 'NO_QUEUE' } }])
})

test('pages that ask for queues at the same time have the broker asked once', async () => {
  const { ask, server } = await open()
  const stats = vi.spyOn(server.broker, 'stats')
  await Promise.all(Array.from({ length: 10 }, () => ask('/api/queues')))
  expect(stats).toHaveBeenCalledTimes(1)
  await ask('/api/queues')
  expect(stats).toHaveBeenCalledTimes(2)
})

test('recycling needs isolates', async () => {
  const { post, monitor } = await open(ALL)
  expect(await post('/api/recycle')).toMatchObject([409, { error: { code: 'NO_ISOLATES' } }])
  const recycle = vi.fn()
  const health = monitor.health()
  const pool = {
    isolates: [],
    wanted: 1,
    memoryLimit: 1,
    recycles: {},
    failedStarts: 0,
    lastGapMs: undefined,
    leaks: [],
  }
  const worker = { health: () => ({ ...health, executor: { ...health.executor, pool } }) as never, desired: () => 1 }
  const pooled = createMonitor({ ...monitor.server, worker, addHook: monitor.server.addHook, recycle })
  const response = await createHttp(pooled, { authorize: ALL }).request('/api/recycle', {
    method: 'POST',
    headers: JSON_HEADERS,
  })
  pooled.dispose()
  expect([response.status, recycle.mock.calls.length]).toEqual([200, 1])
})

test.each([
  ['no header', { 'x-isobar': '' }, 403, 'HEADER_MISSING'],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'CONTENT_TYPE'],
  ['text that only looks like JSON', { 'content-type': 'text/plain; application/json' }, 415, 'CONTENT_TYPE'],
  ['another site', { 'sec-fetch-site': 'cross-site' }, 403, 'CROSS_SITE'],
  ['another origin of the site', { 'sec-fetch-site': 'same-site' }, 403, 'CROSS_SITE'],
  ['another origin, said by an old browser', { origin: 'http://evil.example' }, 403, 'CROSS_SITE'],
  ['an origin that is none', { origin: 'null' }, 403, 'CROSS_SITE'],
  ['the same origin', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost' }, 200, undefined],
  ['the same host behind a proxy that ends TLS', { origin: 'https://localhost' }, 200, undefined],
  ['a charset', { 'content-type': 'application/json; charset=utf-8' }, 200, undefined],
])('a request that changes something must be meant: %s', async (_, headers, status, code) => {
  const { post, server } = await open(ALL)
  const [answered, body] = await post('/api/queues/email/pause', {}, headers as Record<string, string>)
  expect([answered, (body as { error?: { code: string } }).error?.code]).toEqual([status, code])
  expect((await server.broker.stats(['email']))[0]?.paused).toBe(status === 200)
})

test.each([
  ['/api/dead-letters?limit=0', 'limit'],
  ['/api/dead-letters?limit=-1', 'limit'],
  ['/api/dead-letters?limit=1.5', 'limit'],
  ['/api/dead-letters?limit=ten', 'limit'],
  ['/api/dead-letters?payload=all', 'payload'],
  ['/api/dead-letters?cursor=abc', 'cursor'],
  [`/api/dead-letters?queue=${'q'.repeat(257)}`, 'queue'],
  ['/api/dead-letters?queue=a%00b', 'queue'],
  ['/api/jobs/a%00b', 'id'],
  [`/api/jobs/${'i'.repeat(257)}`, 'id'],
])('bad input is 400 and says what is wrong: GET %s', async (path, about) => {
  const [status, body] = await (await open(ALL)).ask(path)
  expect(status).toBe(400)
  expect((body as { error: { message: string } }).error.message).toContain(about)
})

test.each([
  ['no JSON', '{'],
  ['nothing', ''],
  ['no text', Uint8Array.of(0x22, 0xff, 0x22)],
  ['a list', '[]'],
  ['null', 'null'],
  ['neither', '{}'],
  ['both', '{"ids":["a"],"queue":"a"}'],
  ['something else', '{"all":true}'],
  ['no ids', '{"ids":[]}'],
  ['an id that is no text', '{"ids":[1]}'],
  ['an empty id', '{"ids":[""]}'],
  ['too many ids', JSON.stringify({ ids: Array.from({ length: MAX_IDS + 1 }, (_, n) => String(n)) })],
  ['a queue that is no text', '{"queue":{}}'],
  ['a name of the prototype', '{"__proto__":["a"]}'],
])('a body that selects nothing clearly is 400, and nothing is discarded: %s', async (_, body) => {
  const opened = await open(ALL)
  await die(opened)
  const init = { method: 'POST', headers: JSON_HEADERS, body }
  expect(await opened.ask('/api/dead-letters/discard', init)).toMatchObject([400, { error: { code: 'BAD_INPUT' } }])
  expect((await opened.server.broker.deadLetters.list()).items.length).toBe(1)
})

test('a body that is too long is read no further', async () => {
  const { mounted } = await open(ALL)
  let pulled = 0
  const body = new ReadableStream({
    pull(controller) {
      pulled++
      controller.enqueue(new Uint8Array(100_000).fill(0x20))
    },
  })
  const init = { method: 'POST', headers: JSON_HEADERS, body, duplex: 'half' } as RequestInit
  const response = await mounted.request('/isobar/api/dead-letters/discard', init)
  expect([response.status, await response.json()]).toMatchObject([413, { error: { code: 'TOO_LARGE' } }])
  expect(pulled).toBeLessThan(MAX_BODY_BYTES / 100_000 + 4)
})

test('the page tells of every path of the API', async () => {
  const { http } = await open()
  const page = readFileSync(new URL('../../../../docs/http.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `(GET|POST) (api\/[^`?]+)[^|]*?(?:, `…\/(\w+)`)? \|/gm)]
  const stated = rows.flatMap(([, method, path = '', other]) => [
    `${method} /${path}`,
    ...(other ? [`${method} /${path.replace(/\w+$/, other)}`] : []),
  ])
  const routes = http.routes.filter(({ path, method }) => path.startsWith('/api/') && method !== 'ALL')
  expect(stated.sort()).toEqual(routes.map(({ path, method }) => `${method} ${path}`).sort())
})

test('unknown paths are 404 and wrong methods 405', async () => {
  const { ask, headersOf, http } = await open(ALL)
  expect(await ask('/api/none')).toMatchObject([404, { error: { code: 'NOT_FOUND' } }])
  expect(await ask('/api')).toMatchObject([404, { error: { code: 'NOT_FOUND' } }])
  expect((await ask('/none.js'))[0]).toBe(404)
  for (const [path, method, allow] of [
    ['/healthz', 'POST', 'GET, HEAD'],
    ['/metrics', 'DELETE', 'GET, HEAD'],
    ['/api/health', 'POST', 'GET, HEAD'],
    ['/api/jobs/a', 'PUT', 'GET, HEAD'],
    ['/api/recycle', 'GET', 'POST'],
    ['/api/jobs/a/cancel', 'GET', 'POST'],
    ['/', 'POST', 'GET, HEAD'],
  ] as const) {
    const [status, body] = await ask(path, { method })
    expect([status, (await headersOf(path, method)).get('allow')], path).toEqual([405, allow])
    expect(body, path).toMatchObject({ error: { code: 'METHOD' } })
  }
  expect((await http.request('/none')).status).toBe(404)
  expect(await (await http.request('/none')).json()).toMatchObject({ error: { code: 'NOT_FOUND' } })
})

test('what it does not know is left to the app that it is mounted in', async () => {
  const { http } = await open()
  const app = new Hono().route('/', http).get('/mine', (c) => c.text('mine'))
  expect(await (await app.request('/mine')).text()).toBe('mine')
  expect((await app.request('/')).headers.get('content-type')).toBe('text/html; charset=utf-8')
})

test('a broker that fails is 503 with its code and nothing of its driver; the rest is told to onError', async () => {
  const { ask, post, server, onError } = await open(ALL)
  const failure = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'X' })
  vi.spyOn(server.broker, 'stats').mockRejectedValue(failure)
  const [status, body] = await ask('/api/queues')
  expect([status, body]).toMatchObject([503, { error: { code: 'BROKER' } }])
  expect(JSON.stringify(body)).not.toMatch(/10\.0\.0\.7|stack/)
  expect(onError).toHaveBeenCalledExactlyOnceWith(failure)
  await server.stop()
  expect(await ask('/api/dead-letters')).toMatchObject([503, { error: { code: 'BROKER_CLOSED' } }])
  expect(await ask('/api/jobs/a')).toMatchObject([503, { error: { code: 'BROKER_CLOSED' } }])
  expect(await post('/api/queues/email/pause')).toMatchObject([503, { error: { code: 'BROKER_CLOSED' } }])
})

test('a broker that never answers is 504, also for who joins the wait; later ones are asked anew', async () => {
  const { monitor, server, onError } = await open(ALL)
  const http = createHttp(monitor, { authorize: ALL, brokerTimeout: 30, onError })
  using stats = vi.spyOn(server.broker, 'stats').mockReturnValue(new Promise(() => {}))
  const ask = async () => {
    const response = await http.request('/api/queues')
    return [response.status, await response.json()]
  }
  const late = [504, { error: { code: 'BROKER_TIMEOUT', message: expect.stringContaining('within 30 ms') } }]
  expect(await Promise.all([ask(), ask()])).toEqual([late, late])
  expect(stats).toHaveBeenCalledOnce()
  expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'BROKER_TIMEOUT' }))
  stats.mockRestore()
  expect((await ask())[0]).toBe(200)
})

test('what the broker cannot do is 501 and says so', async () => {
  const { monitor } = await open(ALL)
  const { broker } = monitor.server
  const can = { ...broker.can, deadLetter: false, lookup: false, pause: false, stats: false }
  const less = {
    ...monitor.server,
    addHook: monitor.server.addHook,
    broker: Object.create(broker, { can: { value: can } }),
  }
  const other = createMonitor(less)
  const onError = vi.fn()
  const http = createHttp(other, { authorize: ALL, onError })
  for (const path of ['/api/dead-letters', '/api/jobs/a', '/api/queues'])
    expect((await http.request(path)).status, path).toBe(501)
  for (const path of ['/api/dead-letters/redrive', '/api/queues/email/pause', '/api/jobs/a/cancel']) {
    const response = await http.request(path, { method: 'POST', headers: JSON_HEADERS, body: '{"queue":"a"}' })
    expect([response.status, await response.json()], path).toMatchObject([
      501,
      { error: { code: 'UNSUPPORTED', message: expect.stringContaining('broker memory cannot') } },
    ])
  }
  other.dispose()
  expect(onError).not.toHaveBeenCalled()
})

test('what is told of the worker is never cached', async () => {
  const { headersOf } = await open()
  for (const path of ['/healthz', '/metrics', '/api/health', '/api/none']) {
    const headers = await headersOf(path)
    expect(headers.get('cache-control'), path).toBe('no-store')
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
  }
})
