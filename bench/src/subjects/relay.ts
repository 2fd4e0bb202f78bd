import { createApp, defineJob } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { createWorker, inProcess } from '@isobar/core/worker'

/** A job that uses a little of everything, and hands on to the next. */
const step = defineJob<{ left: number }>({ name: 'relay.step' })

/** A whole worker on the memory broker, one job at a time. */
export interface Relay extends AsyncDisposable {
  /**
   * Runs so many jobs in a chain: each touches its signal, opens something in its scope and enqueues the next with its
   * ack. Resolves when the broker has confirmed the last.
   */
  run(jobs: number): Promise<void>
}

/** Starts a relay. `onSettle` is called when a job has settled and before the next one starts. */
export function createRelay(onSettle?: () => void): Relay {
  let end: { resolve: () => void; reject: (error: unknown) => void } | undefined
  const broker = createMemoryBroker()
  const jobs = createProducer(broker)
  const app = createApp().on(step, async (ctx) => {
    ctx.scope.defer(() => {})
    ctx.signal.throwIfAborted()
    const { left } = ctx.data
    if (left > 1) await ctx.enqueue(step, { left: left - 1 })
  })
  if (onSettle) app.hook('settle', onSettle)
  app.hook('settle', ({ job, outcome }) => {
    if (outcome.kind !== 'ack') end?.reject(new Error(`job ${job.name} ended as ${outcome.kind}`, { cause: outcome }))
    else if (!outcome.enqueue) end?.resolve()
  })
  const executor = inProcess(app, { concurrency: 1 })
  const worker = createWorker(broker, executor, { queues: [step.queue] })
  worker.start()
  return {
    async run(count) {
      const ended = new Promise<void>((resolve, reject) => {
        end = { resolve, reject }
      })
      await jobs.enqueue(step, { left: count })
      await ended
      // The memory broker confirms within the turn in which it is told.
      await new Promise((resolve) => setImmediate(resolve))
      end = undefined
      const { settling, running, buffered } = worker.health()
      if (settling + running + buffered > 0)
        throw new Error('the last job of a relay was not confirmed within its turn')
    },
    async [Symbol.asyncDispose]() {
      await worker.stop()
      await executor[Symbol.asyncDispose]()
      await broker[Symbol.asyncDispose]()
    },
  }
}
