import { Queue as BullQueue, createPostgresBackend, Worker, withBackend } from 'bullmq'
import { crash } from '../drain/crash.ts'
import type { Address, Handle, Queue, Settings } from '../drain/queue.ts'
import type { Work } from '../drain/work.ts'

const NAME = 'work'

interface Running {
  on(event: 'error', listener: (error: Error) => void): unknown
  waitUntilReady(): Promise<unknown>
  close(): Promise<void>
}

/** What it needs of either store. */
interface Store {
  readonly queue: Pick<BullQueue<Work>, 'addBulk' | 'add' | 'getJobCountByTypes' | 'waitUntilReady' | 'close'>
  startWorker(run: (job: { readonly data: Work }) => Promise<void>): Running
}

/** BullMQ 6 on Redis. Told to delete jobs that are done. */
export function openBullmq({ url, name }: Address, settings: Settings): Promise<Queue> {
  const { concurrency = 1, enqueue = 1_000 } = settings
  const connection = { url, maxRetriesPerRequest: null }
  return toQueue(
    {
      queue: new BullQueue<Work>(NAME, { connection, prefix: name }),
      startWorker: (run) =>
        new Worker<Work>(NAME, run, { connection, prefix: name, concurrency, removeOnComplete: { count: 0 } }),
    },
    enqueue,
  )
}

/** BullMQ 6 on Postgres. Told to delete jobs that are done. */
export function openBullmqPostgres({ url }: Address, settings: Settings): Promise<Queue> {
  const { concurrency = 1, connections = 10, enqueue = 1_000 } = settings
  const connection = { connectionString: url, max: connections, migrate: true }
  const onPostgres = withBackend(createPostgresBackend)
  return toQueue(
    {
      queue: new onPostgres.Queue<Work>(NAME, { connection }),
      startWorker: (run) =>
        new onPostgres.Worker<Work>(NAME, run, { connection, concurrency, removeOnComplete: { count: 0 } }),
    },
    enqueue,
  )
}

async function toQueue({ queue, startWorker }: Store, batch: number): Promise<Queue> {
  let worker: Running | undefined
  await queue.waitUntilReady()
  return {
    async enqueue(works) {
      for (let at = 0; at < works.length; at += batch) {
        await queue.addBulk(works.slice(at, at + batch).map((data) => ({ name: NAME, data })))
      }
    },
    async enqueueOne(work) {
      await queue.add(NAME, work)
    },
    async work(handle: Handle) {
      worker = startWorker(async ({ data }) => handle(data))
      worker.on('error', crash)
      await worker.waitUntilReady()
    },
    async isDrained() {
      return (await queue.getJobCountByTypes('waiting', 'active', 'delayed', 'failed')) === 0
    },
    async [Symbol.asyncDispose]() {
      await worker?.close()
      await queue.close()
    },
  }
}
