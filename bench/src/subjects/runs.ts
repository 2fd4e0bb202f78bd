import { createApp, type Delivery, defineJob, type Handler, type Payload } from '@isobar/core'
import type { Task } from '../in-rounds.ts'

/** No data: what a no-op has. */
const NONE: Payload = { text: 'null' }
/** Data as a broker stored it. */
const TEXT: Payload = { text: '{"to":"ann@example.org"}' }
/** The same, decoded by the broker's client. */
const VALUE: Payload = { value: { to: 'ann@example.org' } }

/** The handler whose bare call everything is compared with. */
export const noop = async (): Promise<void> => {}

/** What `app.run` is measured with. */
export type RunName = 'plain' | 'middleware' | 'text' | 'value' | 'timeless' | 'signal' | 'scope'

/** `app.run` of an async no-op, in its variants. All without a schema, and with a deadline unless they say otherwise. */
export function createRuns(): Record<RunName, Task> {
  return {
    plain: createRun(async () => {}),
    middleware: createRun(async () => {}, { middlewares: 3 }),
    text: createRun(async () => {}, { payload: TEXT }),
    value: createRun(async () => {}, { payload: VALUE }),
    timeless: createRun(async () => {}, { timeout: false }),
    signal: createRun(async (ctx) => {
      void ctx.signal
    }),
    scope: createRun(async (ctx) => {
      ctx.scope.defer(noop)
    }),
  }
}

interface RunVariant {
  readonly payload?: Payload
  readonly timeout?: '10m' | false
  readonly middlewares?: number
}

function createRun(handler: Handler<unknown, unknown>, variant: RunVariant = {}): Task {
  const { payload = NONE, timeout = '10m', middlewares = 0 } = variant
  const type = defineJob<unknown>({ name: 'noop', timeout })
  const app = createApp()
  for (let i = 0; i < middlewares; i++) {
    app.use(async (_, next) => {
      await next()
    })
  }
  app.on(type, handler)
  const delivery: Delivery = {
    job: {
      id: '1',
      name: type.name,
      queue: type.queue,
      priority: type.priority,
      attempt: 1,
      crashes: 0,
      enqueuedAt: 0,
      dueAt: 0,
      payload,
    },
    token: 1,
    leaseUntil: 0,
  }
  return () => app.run(delivery)
}
