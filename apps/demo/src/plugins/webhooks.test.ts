import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, fixed } from '@isobar/core'
import { createFakeClock, type FakeClock, runJob } from '@isobar/core/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createFetchClient, http } from '../http-client.ts'
import { deliverWebhook } from '../jobs.ts'
import { clock } from '../resources.ts'
import { verifyWebhook } from '../webhook-signature.ts'
import { webhooks } from './webhooks.ts'

const NOW = Date.UTC(2031, 3, 1, 9)
const SECRET = 'a secret that both of them have'
const BODY = '{"name":"Jörg, 山田"}'

/** What the endpoint answers; `undefined`: nothing, ever. */
let answer: { readonly status: number; readonly headers?: Record<string, string> } | undefined
let taken: { readonly url: string; readonly headers: Headers; readonly body: string }[]
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  taken.push({
    url: request.url ?? '',
    headers: new Headers(request.headers as Record<string, string>),
    body: Buffer.concat(chunks).toString('utf8'),
  })
  if (answer) response.writeHead(answer.status, answer.headers).end('what it says')
})
let origin: string
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
})
beforeEach(() => {
  answer = { status: 204 }
  taken = []
})

interface Changes {
  readonly url?: string
  readonly attempt?: number
  readonly fake?: FakeClock
}

function run({ url = `${origin}/hook`, attempt = 1, fake }: Changes = {}) {
  const app = createApp(fake ? { clock: fake } : {}).use(webhooks({ backoff: fixed(7) }))
  return runJob(
    app,
    deliverWebhook,
    { url, event: 'email.opened', secret: SECRET, body: BODY },
    {
      ...{ id: 'hook-1', attempt },
      provide: [
        [http, createFetchClient()],
        [clock, { now: () => NOW }],
      ],
    },
  )
}

test('an event is posted as it is, signed, under an id that stays the same for every attempt', async () => {
  for (const attempt of [1, 2]) {
    expect((await run({ attempt })).outcome).toEqual({ kind: 'ack', result: { status: 204 } })
  }
  expect(taken).toMatchObject([
    { url: '/hook', body: BODY },
    { url: '/hook', body: BODY },
  ])
  for (const [at, { headers, body }] of taken.entries()) {
    expect(headers.get('content-type')).toBe('application/json')
    expect([headers.get('webhook-id'), headers.get('x-event'), headers.get('x-attempt')]).toEqual([
      'hook-1',
      'email.opened',
      `${at + 1}`,
    ])
    expect(await verifyWebhook(SECRET, headers, body, NOW / 1_000)).toBe(true)
    expect(await verifyWebhook(`${SECRET}.`, headers, body, NOW / 1_000)).toBe(false)
  }
})

test.each([400, 401, 403, 404, 410, 422, 301, 307])('%i is for good: given up at once', async (status) => {
  answer = { status, headers: { location: `${origin}/elsewhere`, 'retry-after': '1' } }
  expect((await run()).outcome).toMatchObject({
    kind: 'dead',
    reason: 'unrecoverable',
    error: { message: expect.stringContaining(`answered ${status}`) },
  })
  // A signed message is taken nowhere else.
  expect(taken).toHaveLength(1)
})

test.each([500, 502, 503, 408, 425, 429])('%i is tried again, after the backoff', async (status) => {
  answer = { status }
  expect((await run()).outcome).toMatchObject({
    kind: 'retry',
    delayMs: 7,
    error: { message: `the endpoint answered ${status}` },
  })
})

test('the last attempt is the last', async () => {
  answer = { status: 500 }
  expect((await run({ attempt: 5 })).outcome).toMatchObject({ kind: 'dead', reason: 'exhausted' })
})

test.each([
  ['2', 2_000],
  [new Date(NOW + 90_000).toUTCString(), 90_000],
  ['86400', 3_600_000],
  ['soon', 7],
])('Retry-After %s is honoured: %i ms', async (header, delayMs) => {
  for (const status of [429, 503]) {
    answer = { status, headers: { 'retry-after': header } }
    expect((await run()).outcome).toMatchObject({ kind: 'retry', delayMs })
  }
})

test('who does not answer in time is asked again, and left alone meanwhile', async () => {
  answer = undefined
  const fake = createFakeClock()
  const running = run({ fake })
  const [request] = await once(server, 'request')
  const closed = once(request, 'close')
  await fake.advance(10_000)
  expect((await running).outcome).toMatchObject({ kind: 'retry', delayMs: 7, error: { code: 'JOB_TIMEOUT' } })
  await closed
})

test('nobody who listens is asked again', async () => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  await once(closed, 'close')
  expect((await run({ url: `http://127.0.0.1:${port}/` })).outcome).toMatchObject({ kind: 'retry', delayMs: 7 })
})

test.each(['ftp://hooks.example/', 'javascript:alert(1)', '/hook'])('%s is no address', async (url) => {
  await expect(run({ url })).rejects.toMatchObject({ code: 'INVALID_DATA' })
})
