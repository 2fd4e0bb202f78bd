import { serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { officeCases } from '../../test/office-cases.ts'
import { toByteStream } from '../byte-stream.ts'
import { archivedMessageId } from '../fixtures.ts'
import { CONTACTS } from '../office-fixtures.ts'
import { createBackOffice } from './back-office.ts'
import { createDemoStore, createDemoTables } from './providers.ts'
import { createRemoteStore, createRemoteTables, followLeakSwitch, type OfficeAddress } from './remote-office.ts'

const tables = createDemoTables(2_000)
const store = createDemoStore()
const leak = { isOn: false }
const server = serve({
  fetch: createBackOffice({ tables, store, leak, token: 'right' }).fetch,
  ...{ port: 0, hostname: '127.0.0.1' },
})
const address: { url: string; token: string } = { url: '', token: 'right' }
beforeAll(() => {
  address.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

describe('tables, as isolates see them', () => {
  const remote = createRemoteTables(address)
  officeCases(remote)

  test('mail, too', async () => {
    expect(await remote.database.campaign('spring')).toEqual(await tables.database.campaign('spring'))
    expect(await remote.database.campaign('none')).toBeUndefined()
    const bounce = { messageId: archivedMessageId(9), type: 'soft', reason: 'full', at: 1, job: 'b1' } as const
    expect([await remote.database.recordBounce(bounce), await remote.database.recordBounce(bounce)]).toEqual([1, 1])
    await remote.database.suppress('a@recipient.example', 'because')
    expect(await tables.database.suppression('a@recipient.example')).toBe('because')
  })
})

test('objects are those of the store, as bytes and as streams', async () => {
  const remote = createRemoteStore(address)
  const [{ key, content }] = CONTACTS as unknown as [(typeof CONTACTS)[number]]
  expect(await remote.get(key)).toEqual(content)
  expect(await remote.head(key)).toEqual(await store.head(key))
  const bytes = new TextEncoder().encode('ä'.repeat(20_000))
  for (const body of [bytes, toByteStream(bytes)]) {
    const stored = await remote.put('a key/with what?', body, { contentType: 'text/plain', expiresAt: 7 })
    expect(stored).toMatchObject({ key: 'a key/with what?', bytes: 40_000, contentType: 'text/plain', expiresAt: 7 })
    expect(await store.get('a key/with what?')).toEqual(bytes)
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of (await remote.open('a key/with what?')) as ReadableStream<Uint8Array>) chunks.push(chunk)
  expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
  expect([await remote.get('none'), await remote.head('none'), await remote.open('none')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('who has another token is told nothing, and what fails is told', async () => {
  const wrong: OfficeAddress = { ...address, token: 'wrong' }
  await expect(createRemoteTables(wrong).database.campaign('spring')).rejects.toThrow('answered 401 to mail/campaign')
  await expect(
    createRemoteStore(address).put('big', new Uint8Array(600_000), { contentType: 'x/y', expiresAt: 0 }),
  ).rejects.toThrow(/over the store's limit/)
})

test('the leak switch is followed', async () => {
  leak.isOn = true
  using remote = followLeakSwitch(address)
  await expect.poll(() => remote.isOn, { timeout: 5_000 }).toBe(true)
})
