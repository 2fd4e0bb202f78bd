import { defineJob, type JobSpec } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { expect, test } from 'vitest'
import { MAX_BATCH_BYTES, METADATA_BYTES } from './limits.ts'
import { SEND_ATTEMPTS, toSender } from './sender.ts'

// What a local queue never does: fail, and count what it is sent. All else is tested on real ones (test/workerd).

interface Sent {
  readonly body: string
  readonly delaySeconds: number
}

/** A queue that answers each call with the next of these errors, and takes it when there is none. */
function createQueue(...errors: (string | undefined)[]) {
  const calls: Sent[][] = []
  const sendBatch = async (messages: Iterable<Sent>): Promise<never> => {
    calls.push([...messages])
    const error = errors.shift()
    if (error !== undefined) throw new Error(error)
    return undefined as never
  }
  return { calls, send: sendBatch as never, sendBatch }
}

const job = defineJob<string>({ name: 'act', queue: 'jobs' })
type Binding = ReturnType<typeof createQueue>
const open = (JOBS: Binding) => toSender<{ JOBS: Binding }>({ jobs: 'JOBS' as never }, { JOBS })

test.each([
  'Queue sendBatch failed: Queue is overloaded. Please back off.',
  'Too Many Requests',
  'Unknown Internal Error (15000)',
])('%s: it is asked again', async (message) => {
  const queue = createQueue(message, message)
  await createProducer(open(queue)).enqueue(job, 'a')
  expect(queue.calls).toHaveLength(3)
})

test('a queue that stays overloaded is not asked for ever', async () => {
  const message = 'Queue is overloaded. Please back off.'
  const queue = createQueue(...Array.from({ length: 10 }, () => message))
  await expect(createProducer(open(queue)).enqueue(job, 'a')).rejects.toMatchObject({
    code: 'QUEUE_SEND',
    message: expect.stringContaining('act'),
    cause: { message },
  })
  expect(queue.calls).toHaveLength(SEND_ATTEMPTS)
})

test('any other failure is told at once', async () => {
  const queue = createQueue('Queue not found')
  await expect(createProducer(open(queue)).enqueue(job, 'a')).rejects.toMatchObject({ code: 'QUEUE_SEND' })
  expect(queue.calls).toHaveLength(1)
})

test('no call has more than 100 messages, or more bytes than the platform takes', async () => {
  const queue = createQueue()
  const sizes = Array.from({ length: 250 }, (_, n) => (n * 977) % 20_000)
  const answers = await createProducer(open(queue)).enqueueMany(
    job,
    sizes.map((size) => 'ä'.repeat(size / 2)),
  )
  expect(answers).toHaveLength(250)
  const ids = queue.calls.flat().map(({ body }) => (JSON.parse(body) as JobSpec).id)
  expect(ids).toEqual(answers.map(({ id }) => id))
  for (const messages of queue.calls) {
    expect(messages.length).toBeLessThanOrEqual(100)
    const bytes = messages.reduce((sum, { body }) => sum + Buffer.byteLength(body) + METADATA_BYTES, 0)
    expect(bytes).toBeLessThanOrEqual(MAX_BATCH_BYTES)
  }
})

test('a delay is whole seconds, never too short', async () => {
  const queue = createQueue()
  for (const delay of [0, 1, 1_000, 1_001, '24h'] as const)
    await createProducer(open(queue)).enqueue(job, 'a', { delay })
  expect(queue.calls.flat().map(({ delaySeconds }) => delaySeconds)).toEqual([0, 1, 1, 2, 86_400])
})

test('what it cannot do, it says', async () => {
  const sender = open(createQueue())
  await expect(sender.get('a')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  await expect(sender.cancel('a')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  await expect(sender.send([], { tx: {} })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
})
