import { Queue } from 'bullmq'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { serviceUrl } from '../../../../scripts/services/service-url.ts'
import { bullmq } from '../../src/bullmq/index.ts'
import { settled, spec, want } from '../postgres/jobs.ts'
import { command, removeKeys } from './redis.ts'

const url = await serviceUrl('redis')
const prefixes: string[] = []
afterAll(async () => {
  for (const prefix of prefixes) await removeKeys(url, prefix)
})

/** A broker that has all of a prefix to itself. */
function open(options = {}) {
  const prefix = `dead-${crypto.randomUUID()}`
  prefixes.push(prefix)
  const broker = bullmq(url, { prefix, ...options })
  onTestFinished(() => broker[Symbol.asyncDispose]())
  /** Buries so many jobs of each queue, all of them in one call. */
  const bury = async (count: number, queues: readonly string[], data = '{}'): Promise<void> => {
    await broker.send(queues.flatMap((queue) => Array.from({ length: count }, () => spec({ queue, text: data }))))
    const deliveries = await broker.receive(
      want({ queues: queues.map((name) => ({ name, max: count })), max: count * queues.length }),
    )
    expect(deliveries.length).toBe(count * queues.length)
    const error = new Error('no')
    await broker.settle(deliveries.map((delivery) => settled(delivery, { kind: 'dead', reason: 'exhausted', error })))
  }
  const pages = async (limit: number, between: (page: number) => Promise<unknown> = async () => {}) => {
    const found: string[][] = []
    for (let cursor: string | undefined, page = 0; ; page++) {
      const answer = await broker.deadLetters.list({ limit, ...(cursor !== undefined && { cursor }) })
      found.push(answer.items.map(({ id }) => id))
      cursor = answer.cursor
      if (cursor === undefined) return found
      await between(page)
    }
  }
  return { prefix, broker, bury, pages }
}

test('pages of many queues have each dead letter once, though all died in the same ms', async () => {
  const { bury, pages } = open()
  await bury(20, ['a', 'b', 'c'])
  for (const limit of [1, 7, 60, 100]) {
    const found = await pages(limit)
    expect(new Set(found.flat()).size).toBe(60)
    expect(found.flat().length).toBe(60)
    expect(found.slice(0, -1).every((page) => page.length === limit)).toBe(true)
  }
})

test.each(['discard', 'redrive', 'bury again'] as const)('a page goes on where it was: %s', async (how) => {
  const { broker, bury, pages } = open()
  await bury(10, ['a', 'b'])
  const all = (await pages(100)).flat()
  const found = await pages(3, async (page) => {
    if (page !== 1) return
    // The one that the cursor names, and one that is still to come.
    const ids = [all[5] as string, all[10] as string]
    expect(await broker.deadLetters[how === 'discard' ? 'discard' : 'redrive']({ ids })).toBe(2)
    if (how !== 'bury again') return
    const deliveries = await broker.receive(want({ queues: ['a', 'b'].map((name) => ({ name, max: 5 })) }))
    expect(deliveries.length).toBe(2)
    const error = new Error('no')
    await broker.settle(deliveries.map((delivery) => settled(delivery, { kind: 'dead', reason: 'exhausted', error })))
  })
  expect(found.flat()).toEqual(all.filter((_, at) => at !== 10))
})

test('a page ends when its data are large', async () => {
  const { bury, pages } = open()
  await bury(20, ['a'], JSON.stringify('x'.repeat(999_000)))
  const found = await pages(100)
  expect(found.map((page) => page.length)).toEqual([16, 4])
})

test('a whole queue is redriven in pieces, those that die meanwhile not twice', async () => {
  const { broker, bury } = open()
  for (let round = 0; round < 6; round++) await bury(250, ['a'])
  expect(await broker.deadLetters.redrive({ queue: 'a' })).toBe(1_500)
  expect(await broker.deadLetters.discard({ queue: 'a' })).toBe(0)
  expect((await broker.stats(['a']))[0]).toMatchObject({ ready: 1_500, dead: 0 })
})

test('jobs that BullMQ numbered are told apart by their queues', async () => {
  const { prefix, broker, pages } = open()
  for (const name of ['a', 'b']) {
    const queue = new Queue(name, { connection: { url }, prefix })
    const { id } = await queue.add('work', { of: name }, { removeOnFail: true })
    expect(id).toBe('1')
    await queue.close()
  }
  const queues = ['a', 'b'].map((name) => ({ name, max: 1 }))
  const deliveries = await broker.receive(want({ queues }))
  expect(deliveries.map(({ job }) => job.id)).toEqual(['a:1', 'b:1'])
  expect(await broker.get('b:1')).toMatchObject({ id: 'b:1', queue: 'b', state: 'running' })
  const error = new Error('no')
  await broker.settle(deliveries.map((delivery) => settled(delivery, { kind: 'dead', reason: 'exhausted', error })))
  // In spite of removeOnFail: a dead letter never vanishes.
  expect((await pages(10)).flat().sort()).toEqual(['a:1', 'b:1'])
  expect(await broker.deadLetters.discard({ ids: ['b:1'] })).toBe(1)
  expect((await pages(10)).flat()).toEqual(['a:1'])
})

test("a job that is done is kept as long as its producer's removeOnComplete says", async () => {
  const { prefix, broker } = open({ retain: '1h' })
  const queue = new Queue('a', { connection: { url }, prefix })
  onTestFinished(() => queue.close())
  const run = async (removeOnComplete: boolean | number | undefined): Promise<string> => {
    await queue.add('work', {}, removeOnComplete === undefined ? {} : { removeOnComplete })
    const [delivery] = await broker.receive(want({ queues: [{ name: 'a', max: 1 }] }))
    if (!delivery) throw new Error('nothing came')
    await broker.settle([settled(delivery, { kind: 'ack', result: 1 })])
    return delivery.job.id
  }
  const stateOf = async (id: string) => (await broker.get(id))?.state
  expect(await stateOf(await run(true))).toBeUndefined()
  const kept = [await run(false), await run(undefined)]
  expect(await Promise.all(kept.map(stateOf))).toEqual(['done', 'done'])
  const counted = [await run(1), await run(1)]
  expect(await Promise.all(counted.map(stateOf))).toEqual([undefined, 'done'])
})

test('no key of ours is left when all is gone but the record of queues', async () => {
  const { prefix, broker, bury } = open()
  await bury(3, ['a'])
  await broker.deadLetters.discard({ queue: 'a' })
  const keys = (await command(url, 'keys', `${prefix}:*`)) as string[]
  const known = ['a:events', 'a:id', 'a:isobar:looked', 'a:isobar:looks', 'a:marker', 'a:meta', 'a:pc', 'isobar:queues']
  expect(keys.map((key) => key.slice(prefix.length + 1)).filter((key) => !known.includes(key))).toEqual([])
})
