import PostalMime from 'postal-mime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toMarkedAddress } from '../address-mark.ts'
import { composeMessage } from '../compose.ts'
import { CAMPAIGNS } from '../fixtures.ts'
import { MailRejectedError } from '../resources.ts'
import { createDryMailer } from './dry-mailer.ts'
import { type ClosableMailer, createSmtpMailer } from './smtp-mailer.ts'
import { type SmtpSink, type SunkMail, startSmtpSink } from './smtp-sink.ts'

const { signal } = new AbortController()
const from = 'news@acme.example'

let sunk: SunkMail[]
let sink: SmtpSink
let mailer: ClosableMailer
beforeEach(async () => {
  sunk = []
  sink = await startSmtpSink((mail) => sunk.push(mail))
  mailer = createSmtpMailer({ port: sink.port })
})
afterEach(async () => {
  mailer.close()
  await sink.close()
})

const compose = (address: string) =>
  composeMessage({
    messageId: '<m1@acme.example>',
    campaign: CAMPAIGNS[0],
    to: { address },
    rendered: { subject: 'Grüße', text: 'Hello\n.\n..dots at the start\n', html: '<p>Hello</p>' },
    files: [],
    date: 0,
    unsubscribeUrl: 'https://mail.example/u',
  })

test('a message arrives at the server as it was built, and its answer comes back', async () => {
  const to = toMarkedAddress({ kind: 'open' }, 'r1')
  const receipt = await mailer.send({ from, to, raw: await compose(to) }, { signal })
  expect(receipt.response).toMatch(/^250 .*queued as \S+$/)
  expect(receipt.response.endsWith(receipt.providerId)).toBe(true)
  expect(sunk).toMatchObject([{ from, to: [to] }])
  expect(await PostalMime.parse(sunk[0]?.raw ?? '')).toMatchObject({
    subject: 'Grüße',
    text: expect.stringContaining('..dots at the start'),
  })
  expect(sink.taken).toEqual({ messages: 1, bytes: sunk[0]?.raw.byteLength })
})

test('many messages share the connections that are kept open', async () => {
  const raw = await compose('r@recipient.example')
  const receipts = await Promise.all(
    Array.from({ length: 40 }, (_, index) => mailer.send({ from, to: `r${index}@recipient.example`, raw }, { signal })),
  )
  expect(new Set(receipts.map(({ providerId }) => providerId)).size).toBe(40)
  expect(new Set(receipts.map(({ providerId }) => providerId.split('.')[0])).size).toBeLessThanOrEqual(5)
})

test('a busy server puts off as often as marked, then takes the message', async () => {
  const to = toMarkedAddress({ kind: 'busy', times: 2 }, 'r2')
  const raw = await compose(to)
  const send = () => mailer.send({ from, to, raw }, { signal })
  for (let time = 0; time < 2; time++) await expect(send()).rejects.toMatchObject({ responseCode: 451 })
  await expect(send()).resolves.toMatchObject({ response: expect.stringMatching(/^250/) })
})

test('a busy server that is told what it knew before a restart puts off as often as is left', async () => {
  const to = toMarkedAddress({ kind: 'busy', times: 2 }, 'r4')
  const raw = await compose(to)
  const send = () => mailer.send({ from, to, raw }, { signal })
  sink.remind(to, 1)
  await expect(send()).rejects.toMatchObject({ responseCode: 451 })
  await expect(send()).resolves.toMatchObject({ response: expect.stringMatching(/^250/) })
})

test('a server that is down puts off every time: not a refusal', async () => {
  const to = toMarkedAddress({ kind: 'down' }, 'r3')
  const error = await mailer.send({ from, to, raw: await compose(to) }, { signal }).catch((thrown) => thrown)
  expect(error).not.toBeInstanceOf(MailRejectedError)
  expect(error).toMatchObject({ responseCode: 451 })
})

test('a mailbox that is gone is a refusal, with the answer', async () => {
  const to = toMarkedAddress({ kind: 'gone' }, 'r4')
  const error = await mailer.send({ from, to, raw: await compose(to) }, { signal }).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(MailRejectedError)
  expect(error.response).toBe('550 5.1.1 no such mailbox')
})

test('an abort ends the wait with its reason', async () => {
  const controller = new AbortController()
  const raw = await compose('r@recipient.example')
  const sending = mailer.send({ from, to: 'r@recipient.example', raw }, { signal: controller.signal })
  controller.abort(new Error('the job timed out'))
  await expect(sending).rejects.toThrow('the job timed out')
})

test('a server that is not there is an error that may go away', async () => {
  await sink.close()
  const error = await mailer
    .send({ from, to: 'r@recipient.example', raw: await compose('r@recipient.example') }, { signal })
    .catch((thrown) => thrown)
  expect(error).toBeInstanceOf(Error)
  expect(error).not.toBeInstanceOf(MailRejectedError)
})

test('a dry mailer takes messages without a server', async () => {
  const dry = createDryMailer()
  await expect(
    dry.send({ from, to: 'r@recipient.example', raw: await compose('r@recipient.example') }, { signal }),
  ).resolves.toMatchObject({
    response: expect.stringMatching(/^250/),
  })
  dry.close()
})

test('sink and mailer can be closed twice, with connections open', async () => {
  await mailer.send({ from, to: 'r@recipient.example', raw: await compose('r@recipient.example') }, { signal })
  mailer.close()
  mailer.close()
  await Promise.all([sink.close(), sink.close()])
})
