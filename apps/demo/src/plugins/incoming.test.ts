import { createApp, type InferInput, Unrecoverable } from '@isobar/core'
import { runJob } from '@isobar/core/testing'
import { beforeEach, expect, test } from 'vitest'
import { incomingEmail } from '../jobs.ts'
import { MemoryDatabase } from '../processes/memory-database.ts'
import { RingStore } from '../processes/ring-store.ts'
import { createRandom } from '../random.ts'
import { makeRawMessage, type RawMessage } from '../raw-message.ts'
import { clock, database, storage } from '../resources.ts'
import { incoming, RETENTION_MS, type StoredContent } from './incoming.ts'

const NOW = Date.UTC(2031, 2, 3)

const find = (isIt: (message: RawMessage) => boolean) => {
  const found = Array.from({ length: 200 }, (_, index) => makeRawMessage(createRandom(3, index), `m${index}`)).find(
    isIt,
  )
  if (!found) throw new Error('no generated message is of that kind')
  return found
}
const withFiles = find(({ attachments }) => attachments.length === 2)
const plain = find(({ raw, attachments }) => attachments.length === 0 && !raw.includes('text/html'))

let store: RingStore
let db: MemoryDatabase
beforeEach(() => {
  store = new RingStore()
  db = new MemoryDatabase()
})

function run(
  { raw, from, to }: Pick<RawMessage, 'raw' | 'from' | 'to'>,
  options: { account?: string; id?: string } = {},
) {
  const { account = 'desk-1', id = 'job-1' } = options
  const data = { tenant: 'acme', account, direction: 'inbound', type: 'new', from, to, raw } as const
  const provide = [[storage, store] as const, [database, db] as const, [clock, { now: () => NOW }] as const]
  return runJob(createApp().use(incoming()), incomingEmail, data, { provide, id })
}

async function read(key: string): Promise<StoredContent> {
  return JSON.parse(new TextDecoder().decode(await store.get(key)))
}

test('content, attachments and reference are stored', async () => {
  const { outcome } = await run(withFiles)
  const message = await db.message(withFiles.messageId)
  expect(message).toMatchObject({
    subject: withFiles.subject,
    from: withFiles.from,
    to: [withFiles.to],
    status: 'received',
    receivedAt: NOW,
  })
  expect(outcome).toMatchObject({
    kind: 'ack',
    result: { messageId: withFiles.messageId, storageKey: message?.storageKey, attachments: 2, stored: true },
  })

  const content = await read(message?.storageKey ?? '')
  expect(content.text.length).toBeGreaterThan(100)
  expect(content.html).toContain('<p')
  expect(content.size).toBe(withFiles.raw.length)
  expect(content.headers).toContainEqual(['message-id', withFiles.messageId])
  expect(await store.head(message?.storageKey ?? '')).toMatchObject({
    contentType: 'application/json',
    expiresAt: NOW + RETENTION_MS,
  })

  const files = await Promise.all((message?.attachments ?? []).map((key) => store.head(key)))
  expect(files.map((file) => ({ contentType: file?.contentType, bytes: file?.bytes }))).toEqual(
    withFiles.attachments.map(({ contentType, bytes }) => ({ contentType, bytes })),
  )
})

test('contents are kept for 2,555 days', () => expect(RETENTION_MS / 86_400_000).toBe(2_555))

test('a message without HTML is stored with its text as HTML', async () => {
  await run(plain)
  const { text, html } = await read((await db.message(plain.messageId))?.storageKey ?? '')
  expect(html).toMatch(/^<p>/)
  expect(html.replace(/<[^>]+>/g, '').replace(/\s+/g, '')).toBe(text.replace(/\s+/g, ''))
})

test('the same message to another account, or a repeated job, stores the content once', async () => {
  const first = await run(withFiles)
  const objects = store.size
  const second = await run(withFiles, { account: 'desk-2', id: 'job-2' })
  expect(store.size).toBe(objects)
  expect(first.outcome).toMatchObject({ result: { stored: true } })
  expect(second.outcome).toMatchObject({ result: { stored: false, attachments: 2 } })
})

test('one recipient or many, the reference lists them', async () => {
  const data: InferInput<NonNullable<typeof incomingEmail.data>> = {
    tenant: 'acme',
    account: 'a',
    direction: 'inbound',
    type: 'reply',
    from: plain.from,
    to: ['a@acme.example', 'b@acme.example'],
    raw: plain.raw,
  }
  const provide = [[storage, store] as const, [database, db] as const, [clock, { now: () => NOW }] as const]
  await runJob(createApp().use(incoming()), incomingEmail, data, { provide })
  expect((await db.message(plain.messageId))?.to).toEqual(['a@acme.example', 'b@acme.example'])
})

test('a message without an id is given one that a repetition gives again', async () => {
  const anonymous = { ...plain, raw: plain.raw.replace(/Message-ID: .*\r\n/, '') }
  const [first, second] = [await run(anonymous), await run(anonymous)]
  expect(first.outcome).toMatchObject({ result: { messageId: expect.stringMatching(/^<[0-9a-f]{64}@desk-1>$/) } })
  expect(second.outcome).toMatchObject({
    result: { messageId: (first.outcome as { result: { messageId: string } }).result.messageId },
  })
})

test('what is no e-mail is given up', async () => {
  const { outcome } = await run({ ...plain, raw: '\r\n\r\n' })
  expect(outcome).toMatchObject({ kind: 'dead', reason: 'unrecoverable', error: expect.any(Unrecoverable) })
})

test('a store that fails leaves no reference, and its streams are ended', async () => {
  const streams: ReadableStream[] = []
  store.put = async (_key, body) => {
    if (body instanceof ReadableStream) streams.push(body)
    throw new Error('the store is away')
  }
  const { outcome } = await run(withFiles)
  expect(outcome).toMatchObject({ kind: 'retry' })
  expect(await db.message(withFiles.messageId)).toBeUndefined()
  expect(streams).toHaveLength(1)
  expect(await streams[0]?.getReader().read()).toEqual({ done: true, value: undefined })
})
