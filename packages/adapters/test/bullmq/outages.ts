import { createApp, defineJob, fixed, type HookEvents } from '@isobar/core'
import { createProducer, type Producer } from '@isobar/core/producer'
import { bullmq } from '../../src/bullmq/index.ts'
import { type Server, serve } from '../../src/node/index.ts'
import { type DurableRedis, startDurableRedis } from './redis.ts'

/** A job that takes until `finish` is called. */
export const held = defineJob<number>({ name: 'held', queue: 'held', retry: { attempts: 2, backoff: fixed(0) } })

/** A job that takes no time. */
export const quick = defineJob<number>({ name: 'quick', queue: 'quick' })

/** A worker in the middle of a job, on a Redis server of its own, and a producer. */
export interface Outage extends AsyncDisposable {
  readonly redis: DurableRedis
  readonly server: Server
  readonly producer: Producer
  /** Id of the job that runs. */
  readonly id: string
  /** Starts of each job, by its id. */
  readonly starts: ReadonlyMap<string, number>
  /** What the hook `brokerError` was told. */
  readonly errors: readonly HookEvents['brokerError'][]
  /** Lets the held jobs end. */
  finish(): void
}

/** Starts one. Disposing ends all of it. */
export async function openOutage({ leaseMs = 30_000, jobs = 1 } = {}): Promise<Outage> {
  await using stack = new AsyncDisposableStack()
  const redis = stack.use(await startDurableRedis())
  const sending = stack.use(bullmq(redis.url))
  await sending.ready?.()
  const starts = new Map<string, number>()
  const errors: HookEvents['brokerError'][] = []
  const gate = Promise.withResolvers<void>()
  const app = createApp()
    .hook('start', ({ job: { id } }) => void starts.set(id, (starts.get(id) ?? 0) + 1))
    .on(held, async (ctx) => {
      await gate.promise
      return { of: ctx.data }
    })
    .on(quick, () => {})
  const server = await serve(app, {
    broker: bullmq(redis.url, { retain: '1h', poll: 200 }),
    concurrency: 10,
    lease: leaseMs,
    signals: false,
    grace: 0,
    on: { brokerError: (event) => errors.push(event) },
  })
  stack.defer(() =>
    server.stop().then(
      () => {},
      () => {},
    ),
  )
  const producer = createProducer(sending)
  const sent = await producer.enqueueMany(
    held,
    Array.from({ length: jobs }, (_, n) => n),
  )
  const [{ id } = { id: '' }] = sent
  await until(() => starts.size >= Math.min(jobs, 10))
  const started = stack.move()
  return {
    ...{ redis, server, producer, id, starts, errors },
    finish: () => gate.resolve(),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** Resolves once it is so. Whoever waits for ever is ended by the test's time limit. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5))
}
