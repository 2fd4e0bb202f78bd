import { type App, type AppOptions, createApp } from '../src/app.ts'
import type { Broker } from '../src/broker.ts'
import { defineJob, type JobType } from '../src/job.ts'
import { createMemoryBroker } from '../src/memory/index.ts'
import { createProducer, type Producer } from '../src/producer.ts'
import { createFakeClock, type FakeClock } from '../src/testing/fake-clock.ts'
import { inProcess } from '../src/worker/in-process.ts'
import type { WorkerOptions } from '../src/worker/options.ts'
import { createWorker, type Worker } from '../src/worker/worker.ts'

/** A job that is tried three times, a second apart, for ten seconds each. */
export const job: JobType<number, number> = defineJob<number>({
  name: 'job',
  timeout: '10s',
  retry: { attempts: 3, backoff: { kind: 'fixed', delayMs: 1_000 } },
})

interface SetUp {
  readonly clock: FakeClock
  readonly broker: Broker
  readonly app: App
  readonly producer: Producer
  start(on?: Broker): Worker
}

/** A worker on a memory broker in fake time. */
export function setUpWorker({
  concurrency = 2,
  app: appOptions = {},
  ...options
}: { concurrency?: number; app?: AppOptions } & Partial<WorkerOptions> = {}): SetUp {
  const clock = createFakeClock()
  const broker = createMemoryBroker({ clock })
  const app = createApp({ clock, ...appOptions })
  const producer = createProducer(broker)
  const start = (on: Broker = broker): Worker => {
    const worker = createWorker(on, inProcess(app, { concurrency }), { queues: ['default'], clock, ...options })
    worker.start()
    return worker
  }
  return { clock, broker, app, producer, start }
}
