import { PGlite } from '@electric-sql/pglite'
import { type BrokerCaseOptions, brokerCases } from '@isobar/core/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { serviceUrl } from '../../../../scripts/services/service-url.ts'
import { DatabaseBroker } from './broker.ts'
import { type PostgresOptions, toSettings } from './options.ts'
import { PgliteDatabase } from './pglite-database.ts'
import { postgres } from './postgres.ts'

const url = await serviceUrl('postgres')

/** The ways to configure a broker that change what it does. */
const variants: readonly [name: string, PostgresOptions, BrokerCaseOptions][] = [
  ['keeps nothing', {}, { retains: false }],
  ['retains and logs', { retain: '1h', log: '1h' }, {}],
]

describe.concurrent.each(variants)('on PostgreSQL, %s', (name, options, cases) => {
  const schema = `conformance_${process.pid}_${name.replaceAll(' ', '_')}`
  for (const { name: title, run } of brokerCases(() => postgres(url, { schema, ...options }), cases)) test(title, run)

  afterAll(async () => {
    const client = new pg.Client(url)
    await client.connect()
    await client.query(`DROP SCHEMA ${schema} CASCADE`)
    await client.end()
  })
})

describe.concurrent.each(variants)('on PGlite, %s', (_name, options, cases) => {
  let engine: PGlite
  beforeAll(async () => {
    engine = await PGlite.create()
  }, 60_000)
  afterAll(() => engine.close())

  // One engine for all cases: a broker of its own each, on the same tables.
  const create = (): DatabaseBroker => {
    const database = new PgliteDatabase(engine)
    database.close = async () => {}
    return new DatabaseBroker(async () => database, toSettings(options, 'embedded'), 'local')
  }
  for (const { name, run } of brokerCases(create, cases)) test(name, run)
})
