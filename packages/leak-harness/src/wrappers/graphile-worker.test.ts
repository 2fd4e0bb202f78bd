import { expect, expectTypeOf, it } from 'vitest'
import type { HandlerJob } from '../replay/contract.ts'
import { fromGraphileWorker, type GraphileWorkerHelpers, StandInError } from './graphile-worker.ts'

const job: HandlerJob = { id: '7', name: 'receipt.send', data: { order: 7 }, attempt: 2 }

/** The helpers that a task gets. */
async function helpersOf(options = {}): Promise<GraphileWorkerHelpers> {
  return (await fromGraphileWorker((_payload, helpers) => helpers, options)(job)) as GraphileWorkerHelpers
}

it('gives the task its payload and the job', async () => {
  const calls: [unknown, GraphileWorkerHelpers][] = []
  const handler = fromGraphileWorker((payload, helpers) => {
    calls.push([payload, helpers])
  })
  await handler(job)
  expect(calls[0]?.[0]).toEqual({ order: 7 })
  expect(calls[0]?.[0]).not.toBe(job.data)
  expect(calls[0]?.[1].job).toMatchObject({
    id: '7',
    task_identifier: 'receipt.send',
    payload: { order: 7 },
    attempts: 2,
    max_attempts: 25,
    is_available: false,
    locked_by: 'leak-harness',
  })
})

it('logs nothing, and answers with the jobs that it does not add', async () => {
  const { logger, addJob, addJobs, getQueueName, abortSignal } = await helpersOf()
  for (const level of ['error', 'warn', 'info', 'debug'] as const) logger.scope({ label: 'x' })[level]('sending')
  await expect(addJob('track', { to: 'x' }, { maxAttempts: 1 })).resolves.toMatchObject({
    task_identifier: 'track',
    payload: { to: 'x' },
    attempts: 0,
    is_available: true,
  })
  await expect(addJobs([{ identifier: 'a' }, { identifier: 'b', payload: 1 }])).resolves.toMatchObject([
    { task_identifier: 'a', payload: {} },
    { task_identifier: 'b', payload: 1 },
  ])
  expect(getQueueName()).toBeNull()
  expect(abortSignal.aborted).toBe(false)
})

it('has one abort signal for all jobs, as graphile-worker has', async () => {
  const seen: GraphileWorkerHelpers[] = []
  const handler = fromGraphileWorker((_payload, helpers) => seen.push(helpers))
  await handler(job)
  await handler(job)
  expect(seen[0]?.abortSignal).toBe(seen[1]?.abortSignal)
  expect(seen[0]?.abortPromise).toBe(seen[1]?.abortPromise)
})

it('says what needs a database', async () => {
  const { withPgClient, query } = await helpersOf()
  for (const [what, call] of [
    ['withPgClient', () => withPgClient(async () => {})],
    ['withPgClient', () => withPgClient.withRetries(async () => {})],
    ['query', () => query('select 1')],
  ] as const) {
    const error = await call().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StandInError)
    expect((error as Error).message).toMatch(`helpers.${what}() needs a PostgreSQL database`)
  }
})

it('uses the client that it is given', async () => {
  const client = { query: async (...args: unknown[]) => args }
  const { withPgClient, query } = await helpersOf({
    withPgClient: <T>(callback: (given: typeof client) => Promise<T>) => callback(client),
  })
  await expect(query('select $1', [1])).resolves.toEqual(['select $1', [1]])
  await expect(withPgClient(async (given) => given)).resolves.toBe(client)
  await expect(withPgClient.withRetries(async (given) => given)).resolves.toBe(client)
})

it('fails with what the task throws, and with an entry of a batch', async () => {
  const error = new Error('no mailbox')
  await expect(fromGraphileWorker(() => Promise.reject(error))(job)).rejects.toBe(error)
  const batch = fromGraphileWorker((payload: number[]) =>
    payload.map((n) => (n > 1 ? Promise.reject(new Error(`no ${n}`)) : Promise.resolve())),
  )
  await expect(batch({ ...job, data: [1, 2, 3] })).rejects.toThrow('2 of 3 entries of the batch failed: no 2; no 3')
  await expect(batch({ ...job, data: [1] })).resolves.toHaveLength(1)
})

it('refuses what is no function', () => {
  expect(() => fromGraphileWorker(undefined as never)).toThrow('fromGraphileWorker was given a value of type undefined')
})

it('takes a task that is typed with graphile-worker', () => {
  interface Helpers {
    logger: { info(message: string): void }
    query(text: string): Promise<{ rows: unknown[] }>
  }
  const task = async (_payload: unknown, { logger }: Helpers): Promise<void> => logger.info('sending')
  expectTypeOf(fromGraphileWorker(task)).toEqualTypeOf<(job: HandlerJob) => Promise<unknown>>()
})
