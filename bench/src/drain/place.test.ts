import { existsSync } from 'node:fs'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterEach, expect, test, vi } from 'vitest'
import { openPlace, ServiceMissingError } from './place.ts'

afterEach(() => vi.unstubAllEnvs())

test('a database is empty at first and gone at the end, whoever is connected', async () => {
  const place = await openPlace('postgres')
  const client = new pg.Client({ connectionString: place.address.url })
  // Told of it twice: by the server, and by the socket.
  const ended = new Promise<Error>((resolve) => client.on('error', resolve))
  await client.connect()
  const { rows } = await client.query(`select current_database() as name, count(*)::int as tables
    from pg_tables where schemaname = 'public'`)
  expect(rows).toEqual([{ name: place.address.name, tables: 0 }])
  await place[Symbol.asyncDispose]()
  expect(await ended).toMatchObject({ code: '57P01' })
  const again = new pg.Client({ connectionString: place.address.url })
  await expect(again.connect()).rejects.toMatchObject({ code: '3D000' })
})

test('keys under a prefix are gone at the end, others are not', async () => {
  const place = await openPlace('redis')
  const { url, name } = place.address
  const redis = new Redis(url)
  try {
    await redis.mset(`${name}:a`, 1, `${name}:b`, 2, `${name}-other`, 3)
    await place[Symbol.asyncDispose]()
    expect(await redis.mget(`${name}:a`, `${name}:b`, `${name}-other`)).toEqual([null, null, '3'])
  } finally {
    await redis.del(`${name}-other`)
    await redis.quit()
  }
})

test('a folder is gone at the end with all that is in it', async () => {
  const place = await openPlace('folder')
  const { url } = place.address
  expect((await stat(url)).isDirectory()).toBe(true)
  await mkdir(join(url, 'inner'))
  await writeFile(join(url, 'inner', 'file'), 'x')
  await place[Symbol.asyncDispose]()
  expect(existsSync(url)).toBe(false)
})

test('a service that does not answer is an error that says what to do, and no password', async () => {
  vi.stubEnv('DATABASE_URL', 'postgres://ann:secret@127.0.0.1:1/app')
  vi.stubEnv('REDIS_URL', 'redis://:secret@127.0.0.1:1')
  for (const [kind, message] of [
    [
      'postgres',
      /^PostgreSQL does not answer at postgres:\/\/ann@127\.0\.0\.1:1\/app; set DATABASE_URL, or start one: /,
    ],
    ['redis', /^Redis does not answer at redis:\/\/127\.0\.0\.1:1\/?; set REDIS_URL, or start one: /],
  ] as const) {
    const error = await openPlace(kind).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(ServiceMissingError)
    expect(error).toMatchObject({ message: expect.stringMatching(message) })
  }
})
