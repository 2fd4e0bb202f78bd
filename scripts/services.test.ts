import { expect, test } from 'vitest'
import { openDesk } from './services/desk.ts'
import { whyNotPostgres } from './services/find-postgres.ts'
import { whyNotRedis } from './services/find-redis.ts'
import { openServices, type ServiceName } from './services.ts'

const { DATABASE_URL: _, REDIS_URL: __, ...bare } = process.env
const own = { ...bare, ISOBAR_SERVICES: 'own' }
const WHY_NOT = { postgres: whyNotPostgres, redis: whyNotRedis }
/** Nobody listens there. */
const DEAD = '127.0.0.1:9'

test.each<ServiceName>(['postgres', 'redis'])(
  '%s: what is not there is started once and said, and ended',
  async (name) => {
    const said: string[] = []
    const services = openServices({ env: own, say: (line) => said.push(line) })
    const [url, again] = await Promise.all([services.url(name), services.url(name)])
    expect(again).toBe(url)
    expect(said).toEqual([
      expect.stringMatching(/^(PostgreSQL|Redis) started at 127\.0\.0\.1:\d+ \(process \d+\): ISOBAR_SERVICES is own$/),
    ])
    expect(await WHY_NOT[name](url)).toBeUndefined()
    // What the environment names is taken as it is.
    const variable = name === 'redis' ? 'REDIS_URL' : 'DATABASE_URL'
    await using named = openServices({ env: { ...own, [variable]: url }, say: (line) => said.push(line) })
    expect(await named.url(name)).toBe(url)
    expect(said).toHaveLength(1)
    await services[Symbol.asyncDispose]()
    expect(await WHY_NOT[name](url)).toMatchObject({ code: 'ECONNREFUSED' })
  },
)

test.each([
  ['postgres', 'DATABASE_URL', `postgres://postgres:secret@${DEAD}/postgres`],
  ['redis', 'REDIS_URL', `redis://:secret@${DEAD}`],
] as const)('%s: a server that is named and not there is an error, with the remedy', async (name, variable, url) => {
  await using services = openServices({ env: { ...own, [variable]: url } })
  const error = await services.url(name).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'SERVICE_MISSING', message: expect.stringContaining(`unset ${variable}`) })
  expect(String(error)).not.toContain('secret')
})

test('a desk passes on what cannot be had', async () => {
  await using services = openServices({ env: { ...own, REDIS_URL: `redis://${DEAD}` } })
  await using desk = await openDesk(services)
  const answer = await fetch(`${desk.address}/redis`)
  expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining('REDIS_URL is set')])
})
