import { type Broker, createApp, defineJob } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { createWorker, type InProcessExecutor, inProcess, type Worker } from '@isobar/core/worker'
import { crash } from '../drain/crash.ts'
import type { Handle, Queue, Settings } from '../drain/queue.ts'
import type { Work } from '../drain/work.ts'

const job = defineJob<Work>({ name: 'work' })

/** isobar on a broker, which goes with it. */
export async function toQueue(broker: Broker, { concurrency = 100 }: Settings): Promise<Queue> {
  const jobs = createProducer(broker)
  let executor: InProcessExecutor | undefined
  let worker: Worker | undefined
  await broker.ready?.()
  return {
    async enqueue(works) {
      await jobs.enqueueMany(job, works)
    },
    async enqueueOne(work) {
      await jobs.enqueue(job, work)
    },
    async work(handle: Handle) {
      const app = createApp().on(job, async (ctx) => handle(ctx.data))
      app.hook('brokerError', ({ error }) => crash(error))
      executor = inProcess(app, { concurrency })
      worker = createWorker(broker, executor, { queues: [job.queue] })
      worker.start()
    },
    async isDrained() {
      const figures = await broker.stats([job.queue])
      return figures.every(({ ready, delayed, active, dead }) => ready + delayed + active + dead === 0)
    },
    async [Symbol.asyncDispose]() {
      await worker?.stop()
      await executor?.[Symbol.asyncDispose]()
      await broker[Symbol.asyncDispose]()
    },
  }
}
