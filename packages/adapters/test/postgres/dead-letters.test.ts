import { postgres } from '@isobar/adapters/postgres'
import pg from 'pg'
import { afterAll, expect, it } from 'vitest'
import { createDatabase } from '../database.ts'
import { settled, spec, want } from './jobs.ts'

const database = await createDatabase()
afterAll(() => database[Symbol.asyncDispose]())

it('pages show every dead letter once, newest first, also where their numbers get longer', async () => {
  await using broker = postgres(database.url, { schema: 'pages' })
  await broker.ready()
  const client = new pg.Client(database.url)
  await client.connect()
  await client.query(`SELECT setval('pages.dead_seq', 994)`)
  await client.end()
  const ids: string[] = []
  for (let n = 0; n < 12; n++) {
    await broker.send([spec()])
    const [delivery] = await broker.receive(want())
    if (!delivery) throw new Error('nothing was received')
    await broker.settle([settled(delivery, { kind: 'dead', reason: 'exhausted', error: new Error('x') })])
    ids.unshift(delivery.job.id)
  }
  const listed: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await broker.deadLetters.list({ limit: 4, ...(cursor && { cursor }) })
    listed.push(...page.items.map(({ id }) => id))
    cursor = page.cursor
    if (!cursor) break
  }
  expect(listed).toEqual(ids)
})
