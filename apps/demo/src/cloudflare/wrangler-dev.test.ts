import type { DeadLetter } from '@isobar/core'
import { expect, onTestFinished, test } from 'vitest'
import { startWranglerDev } from '../../test/cloudflare/wrangler.ts'
import { createFolder } from '../../test/folder.ts'
import type { Ledger } from '../ledger.ts'

/** Jobs of the trace: each kind of poison is once in so many. */
const JOBS = 250

interface Page {
  readonly items: readonly DeadLetter[]
}

test('under wrangler dev the trace comes to its ledger, on real local queues, D1 and R2', async () => {
  const folder = await createFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const worker = await startWranglerDev(folder.path)
  onTestFinished(() => worker[Symbol.asyncDispose]())
  const { ask } = worker
  await ask('/seed', {})
  const { expected, total } = await ask<{ expected: Ledger; total: number }>('/trace', { jobs: JOBS })
  const values = { name: 'ann', offer: 'the garden guide', until: '1 April' }
  const recipient = { recipient: 'r-own', personalisations: { address: 'own@recipient.example', values } }
  const send = { tenant: 'globex', recipients: [recipient] }
  const { jobs } = await ask<{ jobs: { id: string }[] }>('/campaigns/welcome/send?priority=high', send)
  await expect(ask('/campaigns/welcome/send', { tenant: 'globex' })).rejects.toThrow('INVALID_DATA')
  await expect(ask('/jobs/none', {})).rejects.toThrow('404')

  const read = () => ask<{ ledger: Ledger; waiting: number }>('/ledger')
  const ended = ({ done, dead }: Ledger) => Object.values(dead).reduce((sum, count) => sum + count, done)
  let now = await read()
  while (now.waiting > 0 || ended(now.ledger) < total + 1) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    now = await read()
  }
  expect(now.ledger).toEqual({ ...expected, done: expected.done + 1 })

  const { messages } = await ask<{ messages: string[] }>('/mail')
  expect(messages.length).toBeGreaterThan(80)
  expect(jobs).toEqual([{ id: expect.any(String), duplicate: false }])

  // Their queue delivers them a moment after they are told of.
  let items = (await ask<Page>('/dead')).items
  while (items.length < 7) items = (await ask<Page>('/dead')).items
  expect(items.map(({ name, reason }) => `${name} ${reason}`).sort()).toEqual([
    'contacts.import unrecoverable',
    'email.archive unknown',
    'email.bounce unrecoverable',
    'email.incoming invalid',
    'email.send exhausted',
    'warmup.step unrecoverable',
    'webhook.deliver unrecoverable',
  ])
  const stray = items.find(({ name }) => name === 'email.bounce')
  expect(stray).toMatchObject({ name: 'email.bounce', attempts: 1, redrives: 0 })
  expect(await ask('/dead/redrive', { ids: [stray?.id] })).toBe(1)
  let again = (await ask<Page>('/dead')).items.find((one) => one.id === stray?.id)
  while (!again) again = (await ask<Page>('/dead')).items.find((one) => one.id === stray?.id)
  expect(again).toMatchObject({ attempts: 1, redrives: 1, reason: 'unrecoverable' })
  expect(await ask('/dead/discard', { ids: items.map((one) => one.id) })).toBe(7)
  expect((await ask<Page>('/dead')).items).toEqual([])
}, 120_000)
