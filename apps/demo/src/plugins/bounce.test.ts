import { createApp } from '@isobar/core'
import { runJob } from '@isobar/core/testing'
import { beforeEach, expect, test } from 'vitest'
import { archivedAddress, archivedMessageId } from '../fixtures.ts'
import { bounceEmail } from '../jobs.ts'
import type { MemoryDatabase } from '../processes/memory-database.ts'
import { createDemoDatabase } from '../processes/providers.ts'
import { clock, database } from '../resources.ts'
import { bounce } from './bounce.ts'
import type { MailOptions } from './options.ts'

const NOW = Date.UTC(2031, 3, 1, 9)
const messageId = archivedMessageId(0)
const address = archivedAddress(0)

let db: MemoryDatabase
beforeEach(() => {
  db = createDemoDatabase()
})

function run(id: string, type: 'hard' | 'soft', changes: { messageId?: string } = {}, options: MailOptions = {}) {
  const data = { messageId, type, reason: `${type} reason`, address, ...changes }
  return runJob(createApp().use(bounce(options)), bounceEmail, data, {
    provide: [
      [database, db],
      [clock, { now: () => NOW }],
    ],
    id,
  })
}

test('a hard bounce marks the delivery, counts on the campaign and suppresses the address', async () => {
  const { outcome } = await run('b1', 'hard')
  expect(outcome).toMatchObject({ kind: 'ack', result: { campaign: 'spring', suppressed: true } })
  expect(await db.delivery(messageId)).toMatchObject({ status: 'bounced', bounceReason: 'hard reason' })
  expect(await db.bounces('spring')).toEqual({ hard: 1, soft: 0 })
  expect(await db.suppression(address)).toBe('hard bounce: hard reason')
  expect([...db.bounceRows()]).toEqual([{ campaign: 'spring', type: 'hard', at: NOW }])
})

test('soft bounces suppress the address when there are three of them', async () => {
  for (const id of ['b1', 'b2'])
    expect((await run(id, 'soft')).outcome).toMatchObject({ result: { suppressed: false } })
  expect(await db.suppression(address)).toBeUndefined()
  expect((await run('b3', 'soft')).outcome).toMatchObject({ result: { suppressed: true } })
  expect(await db.suppression(address)).toBe('3 soft bounces, the last: soft reason')
  expect(await db.bounces('spring')).toEqual({ hard: 0, soft: 3 })
})

test('the number of soft bounces can be set', async () => {
  expect((await run('b1', 'soft', {}, { softBounceLimit: 1 })).outcome).toMatchObject({ result: { suppressed: true } })
})

test('a repeated job is counted once, and answers the same', async () => {
  const first = await run('b1', 'soft')
  const second = await run('b1', 'soft')
  expect(second.outcome).toEqual(first.outcome)
  expect(await db.bounces('spring')).toEqual({ hard: 0, soft: 1 })
})

test('a bounce of a message that nobody sent is given up', async () => {
  const { outcome } = await run('b1', 'hard', { messageId: '<stray@acme.example>' })
  expect(outcome).toMatchObject({ kind: 'dead', reason: 'unrecoverable' })
  expect(await db.suppression(address)).toBeUndefined()
})
