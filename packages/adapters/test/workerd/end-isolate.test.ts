import { expect, test } from 'vitest'
import { toJobMessage } from './messages.ts'
import { openWorkerd, type Workerd } from './open-workerd.ts'

const ENDING = new URL('./fixtures/ending.ts', import.meta.url)
const QUEUES = { queueProducers: { DLQ: 'dead' } }

const jobs = (count: number, ms = 0) => Array.from({ length: count }, () => toJobMessage({ ms }, { queue: 'default' }))
const whoIs = ({ ask }: Workerd) => ask<{ name: string | null; done: number; failed?: string }>('/')

test('an isolate that has done its jobs is ended after its result, and a fresh one takes over', async () => {
  const workerd = await openWorkerd(ENDING, {
    ...QUEUES,
    compatibilityFlags: ['queue_consumer_no_wait_for_wait_until'],
  })
  expect((await workerd.dispatch('q', jobs(4))).explicitAcks).toHaveLength(4)
  const first = await whoIs(workerd)
  expect(first.done).toBe(4)
  expect(await workerd.dispatch('q', jobs(3))).toMatchObject({ outcome: 'ok', retryMessages: [] })
  let next = await whoIs(workerd).catch(() => first)
  while (next.name === first.name) next = await whoIs(workerd).catch(() => first)
  expect(next).toEqual({ name: null, done: 0 })
  expect((await workerd.dispatch('q', jobs(2))).explicitAcks).toHaveLength(2)
  expect((await whoIs(workerd)).done).toBe(2)
})

test('it waits for another invocation that is under way', async () => {
  const workerd = await openWorkerd(ENDING, {
    ...QUEUES,
    compatibilityFlags: ['queue_consumer_no_wait_for_wait_until'],
  })
  const slow = workerd.dispatch('q', jobs(1, 500))
  await workerd.dispatch('q', jobs(6))
  expect(await slow).toMatchObject({ outcome: 'ok', explicitAcks: [expect.any(String)] })
  while ((await whoIs(workerd).catch(() => ({ done: 1 }))).done > 0)
    await new Promise((resolve) => setTimeout(resolve, 10))
})

test('without the flag that reports the result first, it says so', async () => {
  const workerd = await openWorkerd(ENDING, QUEUES)
  expect(await workerd.dispatch('q', jobs(1))).toMatchObject({ retryBatch: { retry: true }, explicitAcks: [] })
  expect(workerd.lines.join()).toContain('queue_consumer_no_wait_for_wait_until')
})
