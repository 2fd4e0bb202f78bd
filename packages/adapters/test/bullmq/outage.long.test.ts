import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { openOutage, quick, until } from './outages.ts'
import type { DurableRedis } from './redis.ts'

test('a worker that is stopped while the server is away ends, and its job comes back with its lease', async () => {
  await using all = await openOutage({ leaseMs: 2_000 })
  const { redis, server, producer, id } = all
  await redis.stop('crash')
  const began = performance.now()
  // It tells that a connection could not be closed in time, where it could not.
  await server.stop().catch(() => {})
  expect(performance.now() - began).toBeLessThan(20_000)
  await redis.start()
  await until(async () => (await producer.get(id).catch(() => undefined))?.state === 'queued')
  expect(await producer.get(id)).toMatchObject({ state: 'queued', attempt: 1 })
})

test('an outage that is longer than the leases charges no attempt', async () => {
  await using all = await openOutage({ leaseMs: 1_000, jobs: 10 })
  const { redis, producer, finish, starts } = all
  const ids = [...starts.keys()]
  await redis.stop('crash')
  await sleep(5_000)
  await redis.start()
  finish()
  for (const id of ids) {
    await until(async () => (await producer.get(id).catch(() => undefined))?.state === 'done')
    const job = await producer.get(id)
    expect(job).toMatchObject({ attempt: 1 })
    // The server was away, and not the worker: a lease that ended meanwhile counts all the same.
    expect(job?.crashes).toBeOneOf([0, 1])
    expect(starts.get(id)).toBeLessThanOrEqual(2)
  }
})

/** How the server is hurt, and mended, each for a while. */
const OUTAGES: Readonly<Record<string, (redis: DurableRedis, ms: number) => Promise<unknown>>> = {
  async crash(redis, ms) {
    await redis.stop('crash')
    await sleep(ms)
    await redis.start()
  },
  async stop(redis, ms) {
    await redis.stop('stop')
    await sleep(ms)
    await redis.start()
  },
  async 'out of memory'(redis, ms) {
    await redis.command('config', 'set', 'maxmemory', '1')
    await sleep(ms)
    await redis.command('config', 'set', 'maxmemory', '0')
  },
  async 'a replica'(redis, ms) {
    await redis.command('replicaof', '127.0.0.1', '1')
    await sleep(ms)
    await redis.command('replicaof', 'no', 'one')
  },
  asleep: (redis, ms) => redis.command('debug', 'sleep', String(ms / 1_000)),
  async 'without connections'(redis, ms) {
    for (const end = performance.now() + ms; performance.now() < end; await sleep(50))
      await redis.command('client', 'kill', 'type', 'normal', 'skipme', 'yes')
  },
}

describe.each(Object.keys(OUTAGES))('%s, again and again', (name) => {
  test('2,000 jobs run meanwhile: what Redis took is done once, and it is told what it refused', async () => {
    await using all = await openOutage()
    const { redis, producer, starts, finish, errors } = all
    finish()
    const taken: string[] = []
    let refused = 0
    let isOver = false
    const sending = (async () => {
      for (let n = 0; n < 2_000; ) {
        const batch = Array.from({ length: 20 }, () => n++)
        try {
          taken.push(...(await producer.enqueueMany(quick, batch)).map(({ id }) => id))
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^REDIS_/)
          refused += batch.length
          await sleep(50)
        }
        await sleep(20)
      }
      isOver = true
    })()
    let outages = 0
    while (!isOver) {
      await OUTAGES[name]?.(redis, 300)
      outages++
      await sleep(1_500)
    }
    await sending
    for (const id of taken) await until(async () => (await producer.get(id))?.state === 'done')
    // No lease of 30 s ends here, and a claim or an outcome whose answer was lost on its way repeats nothing.
    expect([...starts].filter(([, count]) => count > 1)).toEqual([])
    const unknown = [...starts.keys()].filter((id) => id !== all.id && !taken.includes(id)).length
    console.log(
      `${name}: ${outages} outages, ${taken.length} taken and done, ${refused} refused of which ${unknown} ran all the same (the answer was lost), ${errors.length} errors told`,
    )
    expect(outages).toBeGreaterThan(1)
    expect(unknown).toBeLessThanOrEqual(refused)
    expect(errors.length).toBeLessThan(40 * outages)
  })
})
