import { expect, test } from 'vitest'
import { DemoOptionError } from '../errors.ts'
import { describePlace, isKept, toPlace } from './place.ts'

const SHOP = 'postgres://ann:secret@db.example:5433/shop'

test.each([
  [{ kind: 'embedded', folder: '.isobar/demo' }, 'on the embedded engine, folder .isobar/demo'],
  [{ kind: 'postgres', url: SHOP, schema: 'isobar_demo' }, 'on PostgreSQL, db.example:5433/shop, schema isobar_demo'],
  [
    { kind: 'postgres', url: 'host=db password=secret', schema: 'isobar_demo' },
    'on PostgreSQL, as its URL says, schema isobar_demo',
  ],
  [{ kind: 'memory' }, 'in memory: nothing outlives this process'],
  [
    { kind: 'redis', url: 'redis://:secret@db.example:6379/3', prefix: 'isobar-demo', records: { kind: 'memory' } },
    'on BullMQ, Redis db.example:6379/3, prefix isobar-demo; tables in memory: nothing outlives this process',
  ],
] as const)('%j', (place, words) => expect(describePlace(place)).toBe(words))

test.each([
  ['demo', {}, { kind: 'embedded', folder: '.isobar/demo' }],
  ['ledger', {}, { kind: 'embedded', folder: '.isobar/ledger' }],
  ['demo', { DATABASE_URL: SHOP }, { kind: 'postgres', url: SHOP, schema: 'isobar_demo' }],
  ['ledger', { DATABASE_URL: SHOP }, { kind: 'postgres', url: SHOP, schema: 'isobar_ledger' }],
] as const)('the default for the %s, with %j', (purpose, env, place) => {
  expect(toPlace({}, env, purpose)).toEqual(place)
})

test.each([
  [{ database: 'postgres://other/shop' }, { kind: 'postgres', url: 'postgres://other/shop', schema: 'isobar_demo' }],
  [{ folder: 'here' }, { kind: 'embedded', folder: 'here' }],
  [{ memory: true }, { kind: 'memory' }],
])('%j goes before the environment', (flags, place) => {
  expect(toPlace(flags, { DATABASE_URL: SHOP }, 'demo')).toEqual(place)
})

test('a place is kept where its tables are', () => {
  expect(isKept(toPlace({}, {}, 'demo'))).toBe(true)
  expect(isKept(toPlace({ memory: true }, {}, 'demo'))).toBe(false)
  expect(isKept(toPlace({ redis: 'redis://cache.example', memory: true }, {}, 'demo'))).toBe(false)
  expect(isKept(toPlace({ redis: 'redis://cache.example' }, {}, 'demo'))).toBe(true)
})

const CACHE = 'redis://cache.example'

test.each([
  [{}, { REDIS_URL: CACHE }, { kind: 'embedded', folder: '.isobar/demo-redis' }],
  [{}, { REDIS_URL: CACHE, DATABASE_URL: SHOP }, { kind: 'postgres', url: SHOP, schema: 'isobar_demo_redis' }],
  [{ redis: CACHE, memory: true }, {}, { kind: 'memory' }],
  [{ redis: CACHE, folder: 'here' }, { DATABASE_URL: SHOP }, { kind: 'embedded', folder: 'here' }],
])('%j, %j: jobs in Redis, tables elsewhere', (flags, env, records) => {
  expect(toPlace(flags, env, 'demo')).toEqual({ kind: 'redis', url: CACHE, prefix: 'isobar-demo', records })
})

test.each([[{ memory: true }], [{ folder: 'here' }], [{ database: SHOP }]])(
  '%j is all of the place, whatever the environment says of Redis',
  (flags) => expect(toPlace(flags, { REDIS_URL: CACHE }, 'ledger').kind).not.toBe('redis'),
)

test.each([
  [{ folder: '' }],
  [{ redis: '' }],
  [{ database: '' }],
  [{ memory: true, folder: 'here' }],
  [{ database: SHOP, folder: 'here' }],
])('%j is refused', (flags) => expect(() => toPlace(flags, {}, 'demo')).toThrow(DemoOptionError))
