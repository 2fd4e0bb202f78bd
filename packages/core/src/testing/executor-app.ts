import { type App, createApp } from '../app.ts'
import type { JobContext } from '../context.ts'
import { Unrecoverable } from '../errors.ts'
import { defineJob } from '../job.ts'
import { fixed, Release, RetryAfter } from '../retry.ts'

const RETRY = { attempts: 3, backoff: fixed(70) }

/** How long an aborted handler of this app has, in ms. */
export const EXECUTOR_APP_GRACE_MS = 100

/** The name of a job type of this app. */
export type ExecutorJobName =
  | 'tell'
  | 'throw'
  | 'wait'
  | 'deaf'
  | 'follow'
  | 'send now'
  | 'progress'
  | 'odd result'
  | 'timeout'

const child = defineJob<{ readonly n: number }>({ name: 'child', queue: 'children' })

/** What the app's handlers do, each by its name. */
const HANDLERS: Readonly<Record<ExecutorJobName, (ctx: JobContext<unknown>) => unknown>> = {
  /** Its data and what it knows of itself. */
  tell: ({ data, job: { id, queue, priority, attempt, enqueuedAt, tenant, trace } }) => ({
    data,
    job: { id, queue, priority, attempt, enqueuedAt, tenant: tenant ?? null, trace: trace ?? null },
  }),
  throw: ({ data }) => {
    if (data === 'unrecoverable') throw new Unrecoverable('for good')
    if (data === 'retry after') throw new RetryAfter('5s')
    if (data === 'release') throw new Release('6s')
    if (data === 'undefined') throw undefined
    const coded: Error & { code?: string } = new TypeError('it failed', { cause: new RangeError('the cause') })
    coded.code = 'E_CODE'
    throw coded
  },
  /** Until it is aborted: then it throws the reason. */
  wait: ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
  /** Whatever it is told, for ever; one that is given a number, for so many ms. */
  deaf: ({ data }) => new Promise<void>((resolve) => typeof data === 'number' && setTimeout(resolve, data)),
  follow: async (ctx) => {
    await ctx.enqueue(child, { n: 1 })
    await ctx.enqueue(child, { n: 2 }, { delay: '1m', key: 'k', tenant: 'acme', priority: 'high' })
    return 'followed'
  },
  'send now': (ctx) => ctx.enqueue(child, { n: 3 }, { now: true }),
  progress: async (ctx) => {
    for (let step = 1; step <= 100; step++) ctx.progress({ step })
    await new Promise((resolve) => setTimeout(resolve, 20))
    ctx.progress({ step: 'last' })
  },
  'odd result': () => 12n,
  timeout: () => new Promise(() => {}),
}

/**
 * The app with which `executorCases` proves an executor. An executor of other processes loads it from a module that
 * exports what this returns.
 */
export function createExecutorApp(): App {
  const app = createApp({ grace: EXECUTOR_APP_GRACE_MS })
  for (const [name, handler] of Object.entries(HANDLERS)) {
    const timeout = name === 'timeout' ? 50 : '1m'
    app.on(defineJob<unknown>({ name, timeout, retry: RETRY }), handler)
  }
  return app
}
