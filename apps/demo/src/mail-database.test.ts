import { afterAll, describe, expect, test } from 'vitest'
import { openLocalBindings } from '../test/cloudflare/local-bindings.ts'
import { createDatabase } from '../test/database.ts'
import { officeCases } from '../test/office-cases.ts'
import { D1MailDatabase } from './cloudflare/d1-database.ts'
import { D1Office } from './cloudflare/d1-office.ts'
import { archivedAddress, archivedMessageId } from './fixtures.ts'
import { type Engine, openEngine } from './processes/engine.ts'
import { toPostgres } from './processes/place.ts'
import { createDemoTables, type Tables } from './processes/providers.ts'
import type { DeliveryRecord, MessageReference } from './resources.ts'

const server = await createDatabase()
const engines: readonly Engine[] = [
  await openEngine({ kind: 'embedded', folder: 'memory://' }),
  await openEngine(toPostgres(server.url, 'demo')),
]
for (const engine of engines) await engine.openRun({ jobs: 1, fresh: true })
const cloudflare = await openLocalBindings()
afterAll(async () => {
  await cloudflare[Symbol.asyncDispose]()
  for (const engine of engines) await engine.close()
  await server[Symbol.asyncDispose]()
})

/** Of everything that is written here; days that are counted have nothing else. */
const AT = Date.UTC(2032, 0, 1)

const message: MessageReference = {
  messageId: '<m1@partner.example>',
  tenant: 'acme',
  account: 'desk-1',
  direction: 'inbound',
  type: 'new',
  from: 'a@partner.example',
  to: ['desk-1@acme.example', 'archive@acme.example'],
  subject: 'Grüße, "quoted" & 東京',
  storageKey: 'content/acme/1',
  attachments: ['content/acme/1/0'],
  status: 'received',
  receivedAt: 1_930_000_000_123,
}
const delivery: DeliveryRecord = {
  messageId: '<job-1@acme.example>',
  campaign: 'spring',
  recipient: 'r1',
  address: 'r1@recipient.example',
  status: 'sent',
  providerId: 'p1',
  response: '250 OK',
  at: 1_930_000_000_456,
}

const [embedded, postgres] = engines.map(({ tables }) => tables as Tables)
describe.each([
  ['in memory', createDemoTables()],
  ['on the embedded engine', embedded as Tables],
  ['on PostgreSQL', postgres as Tables],
  ['on D1', { database: new D1MailDatabase(cloudflare.database), office: new D1Office(cloudflare.database) }],
])('%s', (_, { database: db, office }) => {
  officeCases({ database: db, office })

  test('campaigns, templates and suppressed addresses of the trace are there', async () => {
    expect(await db.campaign('spring')).toMatchObject({ tenant: 'acme', fromName: 'Acme Gärten, Köln' })
    expect(await db.template('welcome')).toMatchObject({
      version: 1,
      attachments: [{ contentType: 'application/pdf' }],
    })
    expect(await db.suppression('left-3@recipient.example')).toBe('unsubscribed')
    expect(await Promise.all([db.campaign('none'), db.template('none'), db.suppression('none')])).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('a message is kept as it is, and once', async () => {
    for (const times of [1, 2]) {
      await db.saveMessage(message)
      expect(await db.message(message.messageId), `${times}`).toEqual(message)
    }
    expect(await db.message('<none>')).toBeUndefined()
  })

  test('what was saved first of a delivery stays', async () => {
    await db.saveDelivery(delivery)
    await db.recordBounce({ messageId: delivery.messageId, type: 'hard', reason: 'gone', at: AT, job: 'd1' })
    await db.saveDelivery(delivery)
    expect(await db.delivery(delivery.messageId)).toEqual({ ...delivery, status: 'bounced', bounceReason: 'gone' })
    expect(await db.delivery('<none>')).toBeUndefined()
  })

  test('a job’s bounce is counted once, whatever was counted in between', async () => {
    const messageId = archivedMessageId(1)
    const record = (job: string, type: 'hard' | 'soft') =>
      db.recordBounce({ messageId, type, reason: `reason of ${job}`, at: AT, job })
    const before = await db.bounces('renewal')
    expect([await record('b1', 'soft'), await record('b2', 'soft'), await record('b1', 'soft')]).toEqual([1, 2, 2])
    expect([await record('b3', 'hard'), await record('b3', 'hard')]).toEqual([2, 2])
    expect(await db.bounces('renewal')).toEqual({ hard: before.hard + 1, soft: before.soft + 2 })
    expect(await db.delivery(messageId)).toMatchObject({ status: 'bounced', bounceReason: 'reason of b3' })
    expect(await db.recordBounce({ messageId: '<none>', type: 'soft', reason: '', at: AT, job: 'b4' })).toBe(0)
  })

  test('bounces that come at the same time are all counted, and each is told its place', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        db.recordBounce({ messageId: archivedMessageId(2), type: 'soft', reason: 'full', at: AT, job: `c${at}` }),
      ),
    )
    expect(answers.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('an address is suppressed for the last reason', async () => {
    for (const reason of ['first', 'second']) await db.suppress(archivedAddress(1), reason)
    expect(await db.suppression(archivedAddress(1))).toBe('second')
  })
})
