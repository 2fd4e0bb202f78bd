import { createApp } from '@isobar/core'
import { runJob } from '@isobar/core/testing'
import PostalMime from 'postal-mime'
import { beforeEach, expect, test } from 'vitest'
import { CAMPAIGNS, suppressedAddress, TERMS } from '../fixtures.ts'
import { bounceEmail, sendEmail } from '../jobs.ts'
import type { MemoryDatabase } from '../processes/memory-database.ts'
import { createDemoDatabase, createDemoStore } from '../processes/providers.ts'
import { clock, database, type Mailer, MailRejectedError, mailer, type OutgoingMail, storage } from '../resources.ts'
import { sending } from './sending.ts'

const NOW = Date.UTC(2031, 2, 3)
const MESSAGE_ID = '<job-1@globex.example>'

let db: MemoryDatabase
let sent: OutgoingMail[]
let provider: Mailer
beforeEach(() => {
  db = createDemoDatabase()
  sent = []
  provider = {
    async send(mail) {
      sent.push(mail)
      return { providerId: `provider-${sent.length}`, response: `250 OK: queued as provider-${sent.length}` }
    },
  }
})

const app = () => createApp().use(sending())
const data = {
  tenant: 'globex',
  campaign: 'welcome',
  recipient: 'r1',
  template: 'welcome',
  personalisations: {
    address: 'ada@recipient.example',
    values: { name: 'ada <b>', offer: 'the guide', until: '1 April' },
  },
}

function run(changes: Partial<typeof data> = {}, using = app()) {
  const store = createDemoStore()
  const provide = [
    [storage, store] as const,
    [database, db] as const,
    [mailer, provider] as const,
    [clock, { now: () => NOW }] as const,
  ]
  return runJob(using, sendEmail, { ...data, ...changes }, { provide, id: 'job-1' })
}

test('the message is personalised, built and sent, and the delivery recorded', async () => {
  const { outcome, enqueued } = await run()
  expect(outcome).toMatchObject({ kind: 'ack', result: { messageId: MESSAGE_ID, status: 'sent' } })
  expect(enqueued).toEqual([])
  expect(sent).toHaveLength(1)
  expect(sent[0]).toMatchObject({ from: 'zoe@globex.example', to: 'ada@recipient.example' })

  const email = await PostalMime.parse(sent[0]?.raw ?? '')
  expect(email).toMatchObject({ messageId: MESSAGE_ID, subject: 'Welcome, Ada <b>!', from: { name: 'Zoë of Globex' } })
  expect(email.text).toContain('Hello ada <b>,')
  expect(email.html).toContain('Hello ada &lt;b&gt;,')
  expect(email.attachments.map(({ filename, content }) => [filename, (content as ArrayBuffer).byteLength])).toEqual([
    ['Allgemeine Geschäftsbedingungen.pdf', TERMS.content.byteLength],
  ])

  expect(await db.delivery(MESSAGE_ID)).toEqual({
    messageId: MESSAGE_ID,
    campaign: 'welcome',
    recipient: 'r1',
    address: 'ada@recipient.example',
    status: 'sent',
    providerId: 'provider-1',
    response: '250 OK: queued as provider-1',
    at: NOW,
  })
})

test('a job that is repeated after it has sent sends nothing twice', async () => {
  const using = app()
  const first = await run({}, using)
  const second = await run({}, using)
  expect(sent).toHaveLength(1)
  expect(second.outcome).toEqual(first.outcome)
})

test('nothing is sent to a suppressed address, and that is recorded', async () => {
  const { outcome } = await run({ personalisations: { ...data.personalisations, address: suppressedAddress(0) } })
  expect(outcome).toMatchObject({ kind: 'ack', result: { status: 'suppressed', response: 'unsubscribed' } })
  expect(sent).toEqual([])
  expect(await db.delivery(MESSAGE_ID)).toMatchObject({ status: 'suppressed' })
})

test('a refusal for good is recorded and enqueues the bounce, also when the job is repeated', async () => {
  let calls = 0
  provider = {
    async send() {
      calls++
      throw new MailRejectedError('550 5.1.1 no such mailbox')
    },
  }
  for (const { outcome, enqueued } of [await run(), await run()]) {
    expect(outcome).toMatchObject({ kind: 'ack', result: { status: 'rejected' } })
    expect(enqueued.map(({ name, text }) => ({ name, data: JSON.parse(text) }))).toEqual([
      {
        name: bounceEmail.name,
        data: {
          messageId: MESSAGE_ID,
          type: 'hard',
          reason: '550 5.1.1 no such mailbox',
          address: 'ada@recipient.example',
        },
      },
    ])
  }
  expect(calls).toBe(1)
})

test('any other failure is tried again, and records nothing', async () => {
  provider = { send: () => Promise.reject(new Error('451 greylisted')) }
  const { outcome, enqueued } = await run()
  expect(outcome).toMatchObject({ kind: 'retry', error: { message: '451 greylisted' } })
  expect(enqueued).toEqual([])
  expect(await db.delivery(MESSAGE_ID)).toBeUndefined()
})

test.each([
  ['an unknown campaign', { campaign: 'autumn' }],
  ["another tenant's campaign", { tenant: 'acme' }],
  ['an unknown template', { template: 'autumn' }],
  [
    'a missing personalisation',
    { personalisations: { address: 'ada@recipient.example', values: { name: 'Ada' } } as never },
  ],
])('%s is given up', async (_, changes) => {
  const { outcome } = await run(changes)
  expect(outcome).toMatchObject({ kind: 'dead', reason: 'unrecoverable' })
  expect(sent).toEqual([])
})

test.each(CAMPAIGNS)('campaign $id can be sent', async ({ id, tenant }) => {
  expect((await run({ campaign: id, tenant, template: id })).outcome).toMatchObject({
    kind: 'ack',
    result: { status: 'sent' },
  })
})
