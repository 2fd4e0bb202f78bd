import { setTimeout } from 'node:timers/promises'
import type { Delivery } from '@isobar/core'
import { Queue, type RedisQueueBackend, Worker } from 'bullmq'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { serviceUrl } from '../../../../scripts/services/service-url.ts'
import { bullmq } from '../../src/bullmq/index.ts'
import { settled, spec, want } from '../postgres/jobs.ts'
import { command, removeKeys, startDurableRedis } from './redis.ts'

const url = await serviceUrl('redis')
const prefix = `leases-${crypto.randomUUID()}`
const connection = { url, maxRetriesPerRequest: null }
afterAll(() => removeKeys(url, prefix))

/** A queue of its own, with a worker of BullMQ that does nothing by itself, and a broker. */
function open() {
  const name = `q-${crypto.randomUUID()}`
  const stack = new AsyncDisposableStack()
  onTestFinished(() => stack.disposeAsync())
  const queue = stack.adopt(new Queue(name, { connection, prefix }), (queue) => queue.close())
  const worker = stack.adopt(
    new Worker(name, null, { connection, prefix, autorun: false, lockDuration: 100, maxStalledCount: 0 }),
    (worker) => worker.close(true),
  )
  const broker = stack.use(bullmq(url, { prefix }))
  const queues = [{ name, max: 10 }]
  return {
    ...{ name, queue, worker, broker },
    receive: (over = {}) => broker.receive(want({ queues, waitMs: 10_000, ...over })),
  }
}

const facts = ({ job: { attempt, crashes } }: Delivery): unknown => ({ attempt, crashes })

test('a job that a worker of BullMQ left behind comes here, with a crash and uncharged', async () => {
  const { queue, worker, receive } = open()
  await queue.add('work', { n: 1 })
  const job = await worker.getNextJob('token', { block: false })
  expect(job?.data).toEqual({ n: 1 })
  while ((await command(url, 'exists', `${queue.toKey(job?.id ?? '')}:lock`)) === 1) await setTimeout(10)
  const [delivery] = (await receive()) as [Delivery]
  expect(facts(delivery)).toEqual({ attempt: 1, crashes: 1 })
  // Its former owner can do nothing to it.
  await expect(job?.moveToCompleted('late', 'token', false)).rejects.toThrow(/Lock mismatch/)
})

test('a lock that a worker of BullMQ holds is left alone', async () => {
  const { queue, worker, receive } = open()
  worker.opts.lockDuration = 60_000
  await queue.add('work', {})
  const job = await worker.getNextJob('token', { block: false })
  expect(await receive({ waitMs: 300 })).toEqual([])
  await job?.moveToCompleted('done', 'token', false)
  expect(await job?.getState()).toBe('completed')
})

test("BullMQ's check for stalled jobs counts as a crash, and its verdict is not taken", async () => {
  const { name, queue, worker, broker, receive } = open()
  await broker.send([spec({ id: 'one', queue: name })])
  await receive({ leaseMs: 100 })
  const backend = worker.getBackend() as RedisQueueBackend
  // It marks at one look what it takes at the next.
  const stalled: string[] = []
  while (stalled.length === 0) {
    await command(url, 'del', queue.toKey('stalled-check'))
    stalled.push(...(await backend.moveStalledJobsToWait()))
    await setTimeout(10)
  }
  expect(stalled).toEqual(['one'])
  // What BullMQ would fail at its next claim is for isobar's worker to judge.
  const [delivery] = (await receive()) as [Delivery]
  expect(facts(delivery)).toEqual({ attempt: 1, crashes: 1 })
  expect(await broker.settle([settled(delivery, { kind: 'ack' })])).toEqual([])
  expect(await queue.getJobCounts('failed', 'completed', 'wait', 'active')).toEqual({
    ...{ failed: 0, completed: 0, wait: 0, active: 0 },
  })
})

test('jobs that are released together keep their order, in each class', async () => {
  const { name, broker, receive } = open()
  const ids = ['c', 'a', 'b', 'f', 'd', 'e']
  const priorityOf = (n: number) => (n < 3 ? 'high' : 'normal')
  await broker.send(ids.map((id, n) => spec({ id, queue: name, priority: priorityOf(n) })))
  const held = await receive()
  await broker.send([spec({ id: 'later', queue: name, priority: 'high' })])
  expect(await broker.settle(held.map((delivery) => settled(delivery, { kind: 'release' })))).toEqual([])
  expect((await receive()).map(({ job }) => job.id)).toEqual(['c', 'a', 'b', 'later', 'f', 'd', 'e'])
})

test.each(['high', 'normal', 'low'] as const)(
  'jobs whose leases end together keep their order: %s',
  async (priority) => {
    const { name, broker, receive } = open()
    const ids = ['c', 'a', 'b']
    await broker.send(ids.map((id) => spec({ id, queue: name, priority })))
    await receive({ leaseMs: 100 })
    expect((await receive()).map(({ job }) => job.id)).toEqual(ids)
  },
)

test('what a claim took whose answer never came goes back at once, as if it had never been', async () => {
  await using redis = await startDurableRedis()
  await using broker = bullmq(redis.url, { commandTimeout: 300 })
  // From now on the server knows the script.
  expect(await broker.receive(want())).toEqual([])
  await broker.send([spec({ id: 'one' }), spec({ id: 'two', delayMs: 1 })])
  // Scripts wait meanwhile; whoever has sent one goes before it is run.
  await redis.command('client', 'pause', 60_000, 'write')
  await expect(broker.receive(want())).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' })
  await redis.command('client', 'unpause')
  while ((await redis.command('llen', 'bull:default:active')) !== 2) await setTimeout(10)
  const deliveries = await broker.receive(want())
  expect(deliveries.map(({ job }) => job.id).sort()).toEqual(['one', 'two'])
  expect(deliveries.map(facts)).toEqual(deliveries.map(() => ({ attempt: 1, crashes: 0 })))
  expect(await broker.settle(deliveries.map((delivery) => settled(delivery, { kind: 'ack' })))).toEqual([])
})
