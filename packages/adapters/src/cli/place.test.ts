import { expect, test } from 'vitest'
import type { Io } from './io.ts'
import { toPlace } from './place.ts'

const URL = 'postgres://ann:secret@db/shop'
const io = (env: Record<string, string> = {}): Io => ({ env, cwd: '/base' }) as Io

test.each([
  [{ database: URL }, {}, { kind: 'database', url: URL, schema: undefined }],
  [{ database: URL, schema: 'jobs' }, { ISOBAR_FOLDER: 'data' }, { kind: 'database', url: URL, schema: 'jobs' }],
  [{ folder: 'data' }, { DATABASE_URL: URL }, { kind: 'folder', path: '/base/data', schema: undefined }],
  [{}, { DATABASE_URL: 'postgresql://db/shop' }, { kind: 'database', url: 'postgresql://db/shop', schema: undefined }],
  [{}, { ISOBAR_FOLDER: '/data', DATABASE_URL: '' }, { kind: 'folder', path: '/data', schema: undefined }],
])('%j and the environment %j say %j', (options, env, place) => {
  expect(toPlace(options, io(env))).toEqual(place)
})

test.each([
  [{}, {}, 'nothing says where the jobs are'],
  [{ database: URL, folder: 'x' }, {}, 'both given'],
  [{}, { DATABASE_URL: URL, ISOBAR_FOLDER: 'x' }, 'both set'],
  [{ database: 'mysql://ann:secret@db' }, {}, '--database is not the URL'],
  [{}, { DATABASE_URL: 'ann:secret@db' }, 'DATABASE_URL is not the URL'],
])('%j and the environment %j are refused, and no password is shown', (options, env, message) => {
  expect(() => toPlace(options, io(env))).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(message) }),
  )
  expect(() => toPlace(options, io(env))).not.toThrow(/secret/)
})
