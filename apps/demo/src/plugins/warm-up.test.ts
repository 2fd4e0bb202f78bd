import { createApp } from '@isobar/core'
import { runJob } from '@isobar/core/testing'
import PostalMime from 'postal-mime'
import { beforeEach, expect, test } from 'vitest'
import { warmUpAccount } from '../jobs.ts'
import { office } from '../office.ts'
import { createDemoTables } from '../processes/providers.ts'
import { clock, type Mailer, MailRejectedError, mailer, type OutgoingMail } from '../resources.ts'
import { toStepId, warmUp } from './warm-up.ts'

const NOW = Date.UTC(2031, 3, 1, 9)
const data = { tenant: 'acme', account: 'desk-2', type: 'outbound', step: 0 }

let tables: ReturnType<typeof createDemoTables>
let sent: OutgoingMail[]
let provider: Mailer
beforeEach(() => {
  tables = createDemoTables()
  sent = []
  provider = {
    async send(mail) {
      sent.push(mail)
      return { providerId: 'p', response: '250 OK' }
    },
  }
})

function run(changes: Partial<typeof data> = {}, id = 'w') {
  return runJob(
    createApp().use(warmUp()),
    warmUpAccount,
    { ...data, ...changes },
    {
      id,
      provide: [
        [office, tables.office],
        [mailer, provider],
        [clock, { now: () => NOW }],
      ],
    },
  )
}

test('an outbound step sends to the peer, is recorded, and enqueues the next with the delay of the plan', async () => {
  const { outcome, enqueued } = await run()
  expect(outcome).toMatchObject({
    kind: 'ack',
    result: { step: 0, messageId: '<w@acme.example>', opens: 0, last: false },
  })
  expect(enqueued).toMatchObject([{ id: 'w.1', name: 'warmup.step', queue: 'warmup:process', delayMs: 20 }])
  expect(JSON.parse(enqueued[0]?.text ?? '')).toEqual({ ...data, step: 1 })
  expect(sent).toMatchObject([{ from: 'desk-2@acme.example', to: 'peer-2@recipient.example' }])
  const email = await PostalMime.parse(sent[0]?.raw as Uint8Array<ArrayBuffer>)
  expect(email).toMatchObject({ messageId: '<w@acme.example>', subject: 'Good morning' })
  expect(await tables.office.warmUp('w')).toEqual({ ...data, job: 'w', at: NOW })
})

test('an inbound step is the peer who writes to the account', async () => {
  await run({ type: 'inbound' })
  expect(sent).toMatchObject([{ from: 'peer-2@recipient.example', to: 'desk-2@acme.example' }])
})

test('an engagement opens messages and sends none', async () => {
  const { outcome } = await run({ type: 'engagement' })
  expect(outcome).toMatchObject({ kind: 'ack', result: { opens: 2 } })
  expect((outcome as { result: object }).result).not.toHaveProperty('messageId')
  expect(sent).toEqual([])
  // The plan of desk 2 opens messages 2 and 10, both of Globex.
  expect(await tables.office.aggregate('globex', '2031-04-01')).toMatchObject({ opens: 2 })
})

test('a whole sequence is its steps in their order, under ids that tell where it began', async () => {
  const ids: string[] = []
  let step = 0
  let id = 'w'
  while (true) {
    ids.push(id)
    const { enqueued, outcome } = await run({ step }, id)
    if ((outcome as { result: { last: boolean } }).result.last) {
      expect(enqueued).toEqual([])
      break
    }
    id = enqueued[0]?.id as string
    step++
  }
  expect(ids).toEqual(['w', 'w.1', 'w.2'])
  expect(sent).toHaveLength(3)
})

test('an id that only looks like that of a step keeps its end', () => {
  expect(toStepId('order.7', 0)).toBe('order.7.1')
  expect(toStepId('order.7.1', 1)).toBe('order.7.2')
})

test('a job that is repeated sends nothing twice, and enqueues the same', async () => {
  const first = await run()
  const second = await run()
  expect(sent).toHaveLength(1)
  expect(second.outcome).toEqual(first.outcome)
  expect(second.enqueued).toEqual(first.enqueued)
})

test.each([
  ['an unknown type', { type: 'osmosis' }, 'there is no warm-up of type osmosis'],
  ['a type that every object has', { type: 'constructor' }, 'there is no warm-up of type constructor'],
  ['an account without a plan', { account: 'desk-99' }, 'desk-99 of tenant acme has no warm-up plan'],
  ["another tenant's account", { tenant: 'globex' }, 'has no warm-up plan'],
  ['a step past the end', { step: 3 }, 'has 3 steps, not 4'],
])('%s is given up, and says why', async (_, changes, why) => {
  const { outcome, enqueued } = await run(changes)
  expect(outcome).toMatchObject({
    kind: 'dead',
    reason: 'unrecoverable',
    error: { message: expect.stringContaining(why) },
  })
  expect({ enqueued, sent }).toEqual({ enqueued: [], sent: [] })
})

test('a provider that fails is tried again, one that refuses is not; neither is recorded', async () => {
  provider = { send: () => Promise.reject(new Error('421 busy')) }
  expect((await run()).outcome).toMatchObject({ kind: 'retry', error: { message: '421 busy' } })
  provider = { send: () => Promise.reject(new MailRejectedError('550 no')) }
  const refused = await run()
  expect(refused).toMatchObject({ outcome: { kind: 'dead', reason: 'unrecoverable' }, enqueued: [] })
  expect(await tables.office.warmUp('w')).toBeUndefined()
})
