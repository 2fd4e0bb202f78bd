import { expect, test } from 'vitest'
import type { Io } from './io.ts'
import { toPlace } from './place.ts'

const URL = 'postgres://ann:secret@db/shop'
const CACHE = 'redis://:secret@cache'
const io = (env: Record<string, string> = {}): Io => ({ env, cwd: '/base' }) as Io

test.each([
  [{ database: URL }, {}, { kind: 'database', url: URL, schema: undefined }],
  [{ database: URL, schema: 'jobs' }, { ISOBAR_FOLDER: 'data' }, { kind: 'database', url: URL, schema: 'jobs' }],
  [{ folder: 'data' }, { DATABASE_URL: URL }, { kind: 'folder', path: '/base/data', schema: undefined }],
  [{}, { DATABASE_URL: 'postgresql://db/shop' }, { kind: 'database', url: 'postgresql://db/shop', schema: undefined }],
  [{ redis: CACHE }, { DATABASE_URL: URL }, { kind: 'redis', url: CACHE, prefix: undefined }],
  [{ prefix: 'jobs' }, { REDIS_URL: 'rediss://cache' }, { kind: 'redis', url: 'rediss://cache', prefix: 'jobs' }],
  [{}, { ISOBAR_FOLDER: '/data', DATABASE_URL: '' }, { kind: 'folder', path: '/data', schema: undefined }],
])('%j and the environment %j say %j', (options, env, place) => {
  expect(toPlace(options, io(env))).toEqual(place)
})

test.each([
  [{}, {}, 'nothing says where the jobs are'],
  [{ database: URL, folder: 'x' }, {}, 'both given'],
  [{}, { DATABASE_URL: URL, ISOBAR_FOLDER: 'x' }, 'both set'],
  [{}, { DATABASE_URL: URL, REDIS_URL: CACHE }, 'both set'],
  [{ redis: CACHE, folder: 'x' }, {}, 'both given'],
  [{ redis: CACHE, schema: 'x' }, {}, '--schema is of tables'],
  [{ prefix: 'x' }, { DATABASE_URL: URL }, '--prefix is of keys in Redis'],
  [{ redis: 'http://:secret@cache' }, {}, '--redis is not the URL'],
  [{ database: 'mysql://ann:secret@db' }, {}, '--database is not the URL'],
  [{}, { DATABASE_URL: 'ann:secret@db' }, 'DATABASE_URL is not the URL'],
])('%j and the environment %j are refused, and no password is shown', (options, env, message) => {
  expect(() => toPlace(options, io(env))).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(message) }),
  )
  expect(() => toPlace(options, io(env))).not.toThrow(/secret/)
})
