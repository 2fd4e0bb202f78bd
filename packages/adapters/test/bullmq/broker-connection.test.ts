import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { bullmq } from '../../src/bullmq/index.ts'
import { openNetwork } from '../network.ts'
import { settled, spec, want } from '../postgres/jobs.ts'
import { type DurableRedis, startDurableRedis } from './redis.ts'

const connections = async (redis: DurableRedis): Promise<number> =>
  String(await redis.command('client', 'list'))
    .split('\n')
    .filter((line) => line.includes(' name=isobar ')).length

test('it has one connection, one more while somebody waits, and none when it is disposed', async () => {
  await using redis = await startDurableRedis()
  const broker = bullmq(redis.url)
  expect(await connections(redis)).toBe(0)
  await Promise.all([broker.send([spec()]), broker.ready(), broker.stats(['default'])])
  expect(await connections(redis)).toBe(1)
  const [first] = await broker.receive(want())
  if (first) await broker.settle([settled(first, { kind: 'ack' })])
  const queues = ['a', 'b', 'c'].map((name) => [{ name, max: 1 }])
  const waiting = queues.map((queues) => broker.receive(want({ queues, waitMs: 60_000 })))
  while ((await connections(redis)) < 2) await setTimeout(5)
  // Each is woken by its own queue, though the connection waits for all.
  await broker.send(['c', 'a', 'b'].map((queue) => spec({ queue, text: `"${queue}"` })))
  const answers = await Promise.all(waiting)
  expect(answers.map(([delivery]) => delivery?.job.queue)).toEqual(['a', 'b', 'c'])
  expect(await connections(redis)).toBe(2)
  await broker[Symbol.asyncDispose]()
  while ((await connections(redis)) > 0) await setTimeout(5)
})

test('a network that falls silent: calls fail in time, and work again when it speaks', async () => {
  await using redis = await startDurableRedis()
  await using network = await openNetwork(redis.url)
  await using broker = bullmq(network.url, { commandTimeout: 300, poll: 100 })
  await broker.ready()
  const waiting = broker.receive(want({ waitMs: 60_000 })).catch((error: unknown) => error)
  network.silence()
  await expect(broker.send([spec()])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' })
  expect(await waiting).toMatchObject({ code: 'REDIS_UNAVAILABLE' })
  network.resume()
  const id = 'after'
  await broker.send([spec({ id })])
  const got: string[] = []
  while (!got.includes(id)) got.push(...(await broker.receive(want({ waitMs: 5_000 }))).map(({ job }) => job.id))
})

test.each(['silent', 'gone'] as const)('a server that is %s does not hold up the end', async (how) => {
  await using redis = await startDurableRedis()
  await using network = await openNetwork(redis.url)
  const broker = bullmq(network.url, { closeTimeout: 100 })
  await broker.ready()
  const waiting = broker.receive(want({ waitMs: 60_000 })).catch(({ code }: { code: string }) => code)
  if (how === 'silent') network.silence()
  else await redis.stop('crash')
  const sending = broker.send([spec()]).catch((error: unknown) => error)
  const started = performance.now()
  await broker[Symbol.asyncDispose]()
  expect(performance.now() - started).toBeLessThan(5_000)
  // Where it was told before the end that the server is gone, it says so.
  expect([[], 'REDIS_UNAVAILABLE']).toContainEqual(await waiting)
  expect(await sending).toMatchObject({ code: 'REDIS_UNAVAILABLE' })
})

test('after an outage who waits hears of new jobs again, and does not only look for them', async () => {
  await using redis = await startDurableRedis()
  await using broker = bullmq(redis.url, { poll: '1h' })
  await using other = bullmq(redis.url)
  const before = broker.receive(want({ waitMs: 60_000 })).catch(({ code }: { code: string }) => code)
  while ((await connections(redis)) < 2) await setTimeout(5)
  await redis.stop('crash')
  expect(await before).toBe('REDIS_UNAVAILABLE')
  await redis.start()
  await broker.ready()
  const waiting = broker.receive(want({ waitMs: 60_000 }))
  while ((await connections(redis)) < 2) await setTimeout(5)
  await other.send([spec({ id: 'one' })])
  expect((await waiting).map(({ job }) => job.id)).toEqual(['one'])
})

test('a server that lost its scripts is told them again', async () => {
  await using redis = await startDurableRedis()
  await using broker = bullmq(redis.url)
  await broker.send([spec({ id: 'one' })])
  await redis.command('script', 'flush')
  await broker.send([spec({ id: 'two' })])
  await redis.command('script', 'flush')
  expect((await broker.receive(want())).map(({ job }) => job.id)).toEqual(['one', 'two'])
})

test('a server that may evict keys, or is too old, is told of at start', async () => {
  await using redis = await startDurableRedis()
  const notices: string[] = []
  await using broker = bullmq(redis.url, { onNotice: (message) => notices.push(message) })
  await broker.ready()
  expect(notices).toEqual([])
  await redis.command('config', 'set', 'maxmemory-policy', 'allkeys-lru')
  await broker.ready()
  expect(notices).toEqual([expect.stringMatching(/allkeys-lru.*noeviction/)])
})
