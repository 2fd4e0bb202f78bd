import type { Broker, StoredJob } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApi, MAX_RECIPIENTS, MAX_REQUEST_BYTES } from './api.ts'
import { HOOK_SECRET } from './hook-mark.ts'
import { createDemoStore } from './processes/providers.ts'
import { QUEUES } from './queues.ts'

const EMAIL = {
  ...{ tenant: 'acme', account: 'desk-1', direction: 'inbound', type: 'new' },
  ...{ from: 'ann@partner.example', to: 'desk-1@acme.example', raw: 'Subject: hi\r\n\r\nhello' },
}
const RECIPIENT = { recipient: 'r1', personalisations: { address: 'ada@recipient.example', values: { name: 'Ada' } } }
const BODIES = {
  '/emails': EMAIL,
  '/bounces': { messageId: '<a@b>', type: 'hard', reason: 'gone', address: 'a@recipient.example' },
  '/warm-ups': { tenant: 'acme', account: 'desk-1', type: 'inbound', step: 0 },
  '/figures': { tenant: 'acme', day: '2031-03-01' },
  '/webhooks': { url: 'https://hooks.example/open/1', event: 'email.opened', secret: HOOK_SECRET, body: '{}' },
  '/invoices': { tenant: 'acme', month: '2031-03', lines: [{ text: 'x', quantity: 1, unitCents: 100 }] },
  '/imports': { tenant: 'acme', key: 'imports/acme/contacts-0.csv' },
} as const

let broker: Broker
const store = createDemoStore()
let api: ReturnType<typeof createApi>
beforeEach(() => {
  broker = createMemoryBroker()
  const producer = createProducer(broker)
  api = createApi({ producer: () => producer, store: () => store })
})
afterEach(() => broker[Symbol.asyncDispose]())

async function post(path: string, body: unknown, type = 'application/json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await api.request(path, { method: 'POST', body: text, headers: { 'content-type': type } })
  const said = await answer.text()
  return { status: answer.status, headers: answer.headers, json: said ? JSON.parse(said) : undefined }
}

async function ready(): Promise<Record<string, number>> {
  const stats = await broker.stats(QUEUES)
  return Object.fromEntries(stats.filter((each) => each.ready > 0).map((each) => [each.queue, each.ready]))
}

/** Hands out a queue's first job, as to a worker. */
async function receive(queue: string): Promise<{ job: StoredJob; data: unknown }> {
  const [delivery] = await broker.receive({
    queues: [{ name: queue, max: 1 }],
    ...{ max: 1, leaseMs: 1_000, workerId: 'w', waitMs: 0, signal: new AbortController().signal },
  })
  if (!delivery || !('text' in delivery.job.payload)) throw new Error(`nothing waits in ${queue}`)
  return { job: delivery.job, data: JSON.parse(delivery.job.payload.text) }
}

test.each(Object.entries(BODIES))('POST %s enqueues a job, which GET tells of', async (path, body) => {
  const { status, json, headers } = await post(path, body)
  expect({ status, json }).toEqual({ status: 202, json: { id: expect.any(String), duplicate: false } })
  const answer = await api.request(headers.get('location') as string)
  expect(answer.status).toBe(200)
  const job = await answer.json()
  expect(job).toMatchObject({ id: json.id, state: 'queued', attempt: 1 })
  expect(await ready()).toEqual({ [job.queue]: 1 })
})

test('a campaign is sent to each recipient, at the priority that is asked for', async () => {
  const recipients = [RECIPIENT, { ...RECIPIENT, recipient: 'r2' }]
  const { status, json } = await post('/campaigns/spring/send?priority=high', { tenant: 'acme', recipients })
  expect(status).toBe(202)
  expect(json.jobs).toHaveLength(2)
  expect(await ready()).toEqual({ 'email-sending:high': 2 })
  const { job, data } = await receive('email-sending:high')
  expect(job).toMatchObject({ name: 'email.send', priority: 'high' })
  expect(data).toEqual({
    ...{ tenant: 'acme', campaign: 'spring', template: 'spring' },
    ...RECIPIENT,
  })
})

test('a file of contacts can be the body; it is kept, and its import enqueued', async () => {
  const csv = 'email,name\nann@example.org,Ann\n'
  const { status, json } = await post('/imports?tenant=acme', csv, 'text/csv; charset=utf-8')
  expect(status).toBe(202)
  const { job, data } = await receive('import:csv')
  expect(job.id).toBe(json.id)
  const { key } = data as { key: string }
  expect(key).toMatch(/^uploads\/acme\//)
  expect(new TextDecoder().decode(await store.get(key))).toBe(csv)
})

test.each([
  ['/emails', { ...EMAIL, from: 'nobody', raw: undefined }, [/^from: /, /^raw: /]],
  ['/webhooks', { ...BODIES['/webhooks'], url: 'ftp://x' }, [/^url: /]],
  ['/imports', { tenant: 'acme' }, [/^key: /]],
  ['/invoices', [], [/object/]],
  [
    '/campaigns/spring/send',
    { tenant: 'acme', recipients: [RECIPIENT, { recipient: 'r2' }] },
    [/^recipients\.1\.pers/],
  ],
  [
    '/campaigns/spring/send',
    { tenant: 'acme', recipients: Array.from({ length: MAX_RECIPIENTS + 1 }, () => RECIPIENT) },
    [/^recipients: /],
  ],
])('POST %s with data that do not fit is 400, with the issues, and enqueues nothing', async (path, body, issues) => {
  const { status, json } = await post(path, body)
  expect({ status, code: json.code }).toEqual({ status: 400, code: 'INVALID_DATA' })
  expect(json.issues).toEqual(issues.map((issue) => expect.stringMatching(issue)))
  expect(await ready()).toEqual({})
})

test.each([
  [400, '/emails', '{', 'application/json'],
  [400, '/emails?priority=urgent', JSON.stringify(EMAIL), 'application/json'],
  [400, '/imports', 'email,name', 'text/csv'],
  [415, '/emails', JSON.stringify(EMAIL), 'text/plain'],
  [413, '/emails', JSON.stringify({ ...EMAIL, raw: 'x'.repeat(MAX_REQUEST_BYTES) }), 'application/json'],
  [413, '/imports?tenant=acme', 'x'.repeat(300_000), 'text/csv'],
  [404, '/none', '{}', 'application/json'],
])('%i: POST %s', async (expected, path, body, type) => {
  const answer = await api.request(path, { method: 'POST', body, headers: { 'content-type': type } })
  expect(answer.status).toBe(expected)
  expect(await ready()).toEqual({})
})

test('a job that nobody knows is 404', async () => {
  const answer = await api.request('/jobs/none')
  expect({ status: answer.status, json: await answer.json() }).toMatchObject({ status: 404, json: { code: 'NO_JOB' } })
})

test('what fails behind it is 500, and tells nothing of it', async () => {
  const producer = { ...createProducer(broker), get: () => Promise.reject(new Error('password is 1234')) }
  const failing = createApi({ producer: () => producer, store: () => store })
  const said: unknown[] = []
  const { error } = console
  console.error = (...all) => void said.push(...all)
  try {
    const answer = await failing.request('/jobs/any')
    expect({ status: answer.status, text: await answer.text() }).toMatchObject({ status: 500 })
    expect(said).toContainEqual(new Error('password is 1234'))
  } finally {
    console.error = error
  }
})
