import { Logger, makeWorkerUtils, type Runner, run } from 'graphile-worker'
import pg from 'pg'
import { crash } from '../drain/crash.ts'
import type { Address, Queue, Settings } from '../drain/queue.ts'
import type { Work } from '../drain/work.ts'

const TASK = 'work'

/** By default every job that ends is written to the console. */
const SILENT = new Logger(() => () => {})

/** graphile-worker 0.18. It deletes jobs that are done. */
export async function openGraphileWorker({ url }: Address, settings: Settings): Promise<Queue> {
  const { concurrency = 1, localQueue = -1, completeDelay = -1, connections = 10, enqueue = 1_000 } = settings
  const pgPool = new pg.Pool({ connectionString: url, max: connections })
  pgPool.on('error', crash)
  const utils = await makeWorkerUtils({ pgPool, logger: SILENT })
  await utils.migrate()
  let runner: Runner | undefined
  return {
    async enqueue(works) {
      for (let at = 0; at < works.length; at += enqueue) {
        await utils.addJobs(works.slice(at, at + enqueue).map((payload) => ({ identifier: TASK, payload })))
      }
    },
    async enqueueOne(work) {
      await utils.addJob(TASK, work)
    },
    async work(handle) {
      runner = await run({
        pgPool,
        logger: SILENT,
        concurrency,
        noHandleSignals: true,
        taskList: { [TASK]: (payload) => handle(payload as Work) },
        preset: { worker: { localQueue: { size: localQueue }, completeJobBatchDelay: completeDelay } },
      })
    },
    async isDrained() {
      const { rows } = await pgPool.query('select not exists (select from graphile_worker._private_jobs) as drained')
      return rows[0].drained
    },
    async [Symbol.asyncDispose]() {
      await runner?.stop()
      await utils.release()
      await pgPool.end()
    },
  }
}
