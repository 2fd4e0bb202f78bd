import { createApp } from '@isobar/core'
import { runJob } from '@isobar/core/testing'
import { expect, test } from 'vitest'
import { archivedMessageId } from '../fixtures.ts'
import { aggregateDay } from '../jobs.ts'
import { office } from '../office.ts'
import { createDemoTables } from '../processes/providers.ts'
import { analytics } from './analytics.ts'

const day = '2031-03-01'

function run(tables: ReturnType<typeof createDemoTables>, tenant = 'acme') {
  const app = createApp().use(analytics())
  return runJob(app, aggregateDay, { tenant, day }, { provide: [[office, tables.office]] })
}

test('a tenant’s day becomes one row, the same for a repeated job', async () => {
  const tables = createDemoTables()
  await tables.office.saveOpen(archivedMessageId(0), Date.parse('2031-03-01T23:59:59.999Z'))
  const first = await run(tables)
  const figures = { tenant: 'acme', day, sent: 5, suppressed: 0, rejected: 0, hardBounces: 0, softBounces: 0, opens: 1 }
  expect(first.outcome).toEqual({ kind: 'ack', result: figures })
  expect((await run(tables)).outcome).toEqual(first.outcome)
  expect(await tables.office.figures('acme', day)).toEqual(figures)
})

test('what comes in later is in the next one', async () => {
  const tables = createDemoTables()
  await run(tables)
  const bounce = {
    messageId: archivedMessageId(0),
    type: 'hard',
    reason: 'gone',
    at: Date.parse(day),
    job: 'b',
  } as const
  await tables.database.recordBounce(bounce)
  // It came back, but it was sent.
  expect((await run(tables)).outcome).toMatchObject({ result: { sent: 5, hardBounces: 1 } })
})

test('a tenant without messages has a row of nothing', async () => {
  expect((await run(createDemoTables(), 'nobody')).outcome).toMatchObject({
    kind: 'ack',
    result: { sent: 0, opens: 0 },
  })
})

test.each(['2031-02-30', '2031-3-1', 'yesterday'])('a day %s is refused before it is enqueued', async (wrong) => {
  const app = createApp().use(analytics())
  await expect(runJob(app, aggregateDay, { tenant: 'acme', day: wrong })).rejects.toMatchObject({
    code: 'INVALID_DATA',
  })
})
