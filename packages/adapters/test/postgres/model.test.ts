import { postgres } from '@isobar/adapters/postgres'
import { afterAll, test } from 'vitest'
import { compareWithModel } from '../broker-model.ts'
import { createDatabase } from '../database.ts'

const database = await createDatabase()
afterAll(() => database[Symbol.asyncDispose]())

test('does what the memory broker does, step by step', async () => {
  await using broker = postgres(database.url, { schema: 'model' })
  await compareWithModel(broker, { keepsPlaces: true })
}, 120_000)
