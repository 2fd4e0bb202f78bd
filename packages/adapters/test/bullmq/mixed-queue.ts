import { randomBytes } from 'node:crypto'
import { type App, defineJob, fixed, type JobType } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { createWorker, inProcess } from '@isobar/core/worker'
import { type Job, Queue, QueueEvents, Worker } from 'bullmq'
import { afterAll, onTestFinished } from 'vitest'
import { serviceUrl } from '../../../../scripts/services/service-url.ts'
import { type BullmqOptions, bullmq } from '../../src/bullmq/index.ts'
import { removeKeys } from './redis.ts'

/** The Redis of this test run, and what all keys of this file start with. */
export const url: string = await serviceUrl('redis')
export const prefix: string = `isobar_test_${randomBytes(6).toString('hex')}`
export const connection: { readonly url: string; readonly maxRetriesPerRequest: null } = {
  url,
  maxRetriesPerRequest: null,
}

afterAll(() => removeKeys(url, prefix))

/** Data of any kind. */
export const any = (queue: string, name = 'work', attempts = 3): JobType<unknown> =>
  defineJob<never>({ name, queue, retry: { attempts, backoff: fixed(0) } }) as JobType<unknown>

/** A queue of its own, as BullMQ has it and as isobar does, for the length of a test. */
export function open(options: BullmqOptions = {}) {
  const name = `q-${randomBytes(4).toString('hex')}`
  const stack = new AsyncDisposableStack()
  onTestFinished(() => stack.disposeAsync())
  const queue = stack.adopt(new Queue(name, { connection, prefix }), (queue) => queue.close())
  const broker = stack.use(bullmq(url, { prefix, ...options }))
  return {
    name,
    queue,
    broker,
    producer: createProducer(broker),
    /** A worker of isobar's. */
    serve(app: App, concurrency = 10) {
      const executor = stack.use(inProcess(app, { concurrency }))
      const worker = stack.use(createWorker(broker, executor, { queues: [name] }))
      worker.start()
      return worker
    },
    /** A worker of BullMQ's. */
    async work(processor: (job: Job) => Promise<unknown>, concurrency = 10): Promise<Worker> {
      const worker = new Worker(name, processor, { connection, prefix, concurrency })
      stack.adopt(worker, (worker) => worker.close())
      await worker.waitUntilReady()
      return worker
    },
    async events(): Promise<QueueEvents> {
      const events = stack.adopt(new QueueEvents(name, { connection, prefix }), (events) => events.close())
      await events.waitUntilReady()
      return events
    },
  }
}

/** Resolves once it is so. Whoever waits for ever is ended by the test's time limit. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 2))
}
