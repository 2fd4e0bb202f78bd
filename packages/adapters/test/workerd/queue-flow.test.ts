import { expect, test } from 'vitest'
import { openWorkerd, type Workerd, type WorkerdOptions } from './open-workerd.ts'

const CONSUMER = new URL('./fixtures/consumer.ts', import.meta.url)

/** Real queues, which deliver at once and never give up by themselves. */
const options: WorkerdOptions = {
  queueProducers: { JOBS: 'jobs', HIGH: 'high', LOW: 'low', FULL: 'full', DLQ: 'dead' },
  queueConsumers: {
    jobs: { maxBatchTimeout: 0.05, maxRetries: 100, maxBatchSize: 10 },
    high: { maxBatchTimeout: 0.05, maxRetries: 100 },
    low: { maxBatchTimeout: 0.05, maxRetries: 100 },
    dead: { maxBatchTimeout: 0.05, maxRetries: 100 },
  },
  d1Databases: { DB: 'db' },
}

interface Flow extends Workerd {
  /** Resolves once each of these lines was said, in full or in its beginning; answers with all that was said. */
  said(...lines: string[]): Promise<readonly string[]>
  /** Resolves once so many of the lines that were said begin so; answers with those. */
  saidTimes(beginning: string, times: number): Promise<readonly string[]>
  enqueue(data: unknown, more?: Record<string, unknown>): Promise<{ readonly id: string }>
}

async function open(): Promise<Flow> {
  const workerd = await openWorkerd(CONSUMER, options)
  const all: string[] = []
  const until = async (isSo: () => boolean): Promise<readonly string[]> => {
    while (!isSo()) {
      await pause()
      all.push(...(await workerd.ask<string[]>('/said')))
    }
    return all
  }
  const count = (beginning: string): number => all.filter((line) => line.startsWith(beginning)).length
  return {
    ...workerd,
    said: (...lines) => until(() => lines.every((line) => count(line) > 0)),
    async saidTimes(beginning, times) {
      const lines = await until(() => count(beginning) >= times)
      return lines.filter((line) => line.startsWith(beginning))
    },
    enqueue: (data, more) => workerd.ask('/enqueue', { data, ...more }),
  }
}

test('a job goes through the lane of its priority, with its id, tenant and delay', async () => {
  const { enqueue, said } = await open()
  const enqueuedAt = Date.now()
  await enqueue({ do: 'ok' }, { id: 'a', priority: 'high', tenant: 'acme' })
  await enqueue({ do: 'ok' }, { id: 'b', priority: 'low' })
  await enqueue({ do: 'ok' }, { id: 'c', delay: '1s' })
  const { id } = await enqueue({ do: 'ok' })
  await said('act a 1 high', 'act b 1 low', `act ${id} 1 normal`)
  await said('act c 1 normal')
  expect(Date.now() - enqueuedAt).toBeGreaterThanOrEqual(950)
})

test('a job that fails is tried again after its delay, and done at last', async () => {
  const { enqueue, saidTimes } = await open()
  await enqueue({ do: 'throw', until: 1 }, { id: 'a' })
  const startedAt = Date.now()
  expect((await saidTimes('act a', 2))[1]).toMatch(/^act a 2 normal/)
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(900)
})

test('a job that is put back comes again, uncharged, with its trace context', async () => {
  const { enqueue, saidTimes } = await open()
  const trace = '{"traceparent":"00-1-2-01"}'
  await enqueue({ do: 'backOnce', ms: 100 }, { id: 'a', trace })
  for (const line of await saidTimes('act a', 2)) expect(line).toMatch(/^act a 1 normal/)
  await saidTimes(`traced a ${trace}`, 2)
})

test('a dead letter is kept in D1, and redriven it runs again: same id, first attempt', async () => {
  const { enqueue, said, saidTimes, ask } = await open()
  await enqueue({ do: 'never' }, { id: 'a', tenant: 'acme' })
  await said('dead a unrecoverable')
  const letters = async () => (await ask<{ items: Record<string, unknown>[] }>('/dead')).items
  while ((await letters()).length === 0) await pause()
  expect(await letters()).toMatchObject([
    {
      ...{ id: 'a', name: 'act', queue: 'jobs', priority: 'normal', tenant: 'acme', reason: 'unrecoverable' },
      ...{ attempts: 1, crashes: 0, redrives: 0 },
      error: { name: 'Unrecoverable', message: 'no use', code: 'UNRECOVERABLE' },
      payload: { text: '{"do":"never"}' },
    },
  ])
  expect(await ask('/redrive', { ids: ['a'] })).toBe(1)
  while ((await letters())[0]?.['redrives'] !== 1) await pause()
  expect(await saidTimes('act a 1 normal', 2)).toHaveLength(2)
})

test('what the platform cannot take is refused before it is sent, by the name of its job', async () => {
  const { enqueue } = await open()
  expect(await enqueue({ do: 'ok', text: 'x'.repeat(123_000) })).toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
    message: expect.stringContaining('job act'),
  })
  // Its data fits, and what its message holds besides does not.
  expect(await enqueue({ do: 'ok', text: 'x'.repeat(122_900) }, { tenant: 't'.repeat(2_000) })).toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
  })
  expect(await enqueue({ do: 'ok' }, { delay: '25h' })).toMatchObject({ code: 'OPTION' })
  expect(await enqueue({ do: 'ok' }, { key: 'k' })).toMatchObject({ code: 'UNSUPPORTED' })
  expect(await enqueue({ do: 'ok' }, { queue: 'none' })).toMatchObject({
    code: 'OPTION',
    message: expect.stringContaining('queue none has no binding'),
  })
})

test('many jobs go out in as many calls as their number and their bytes need', async () => {
  const { ask, said } = await open()
  const data = Array.from({ length: 130 }, () => ({ do: 'ok', text: '', padding: 'p'.repeat(5_000) }))
  const enqueued = await ask<{ id: string }[]>('/enqueue-many', { data })
  expect(new Set(enqueued.map(({ id }) => id)).size).toBe(130)
  await said(...enqueued.map(({ id }) => `act ${id} 1`))
})

test('messages that others sent arrive as what they are', async () => {
  const { ask, said } = await open()
  await ask('/raw', { body: { event: 'act', do: 'ok' }, contentType: 'json' })
  await ask('/raw', { body: 'what is this', contentType: 'text' })
  await said('act ', 'dead ')
})

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20))
}
