import { type App, createApp } from '../app.ts'
import type { JobContext } from '../context.ts'
import { Unrecoverable } from '../errors.ts'
import { defineJob } from '../job.ts'
import { fixed, Release } from '../retry.ts'
import type { StandardSchema } from '../schema.ts'

/** How long a failed job of this app waits for its next attempt, in ms. */
export const WORKER_APP_RETRY_MS = 30

/** How often a job of this app is tried. */
export const WORKER_APP_ATTEMPTS = 3

/** How long a job of this app that has a timeout may run, in ms. */
const TIMEOUT_MS = 60

/** How long an aborted handler of this app has, in ms. */
const GRACE_MS = 200

/** What a handler says in `ctx.progress` when it is at work. */
export const AT_WORK = 'at work'

/** The name of a job type of this app. */
export type WorkerJobName =
  | 'quick'
  | 'fail'
  | 'fail twice'
  | 'unrecoverable'
  | 'checked'
  | 'release'
  | 'slow'
  | 'deaf'
  | 'wait'
  | 'finish'
  | 'timeout'
  | 'follow'

/** Resolves when the job is aborted. */
function aborted({ signal }: JobContext<unknown>): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** The ids of jobs that have put themselves back. */
const putBack = new Set<string>()

/** What the app's handlers do, each by its name. */
const HANDLERS: Readonly<Record<WorkerJobName, (ctx: JobContext<unknown>) => unknown>> = {
  /** Ends at once with its data. */
  quick: ({ data }) => data,
  fail: () => {
    throw new RangeError('it failed')
  },
  /** Ends well on the third attempt. */
  'fail twice': ({ attempt }) => {
    if (attempt < 3) throw new RangeError(`attempt ${attempt} failed`)
    return { attempt }
  },
  unrecoverable: () => {
    throw new Unrecoverable('for good')
  },
  /** Takes numbers only. */
  checked: ({ data }) => data,
  /** Puts itself back, and ends well when it comes again to where it was. */
  release: ({ job: { id } }) => {
    if (putBack.delete(id)) return
    putBack.add(id)
    throw new Release(WORKER_APP_RETRY_MS)
  },
  /** Takes so many ms, whatever it is told meanwhile. */
  slow: (ctx) => {
    ctx.progress(AT_WORK)
    return new Promise((resolve) => setTimeout(resolve, ctx.data as number))
  },
  /** For ever, whatever it is told. */
  deaf: (ctx) => {
    ctx.progress(AT_WORK)
    return new Promise<void>(() => {})
  },
  /** Until it is aborted: then it throws the reason. */
  wait: async (ctx) => {
    const { signal } = ctx
    ctx.progress(AT_WORK)
    await aborted(ctx)
    throw signal.reason
  },
  /** Until it is aborted: then it ends well all the same. */
  finish: async (ctx) => {
    ctx.progress(AT_WORK)
    await aborted(ctx)
    return 'finished'
  },
  /** Runs into its timeout on the first attempt. */
  timeout: async (ctx) => {
    const { attempt, signal } = ctx
    if (attempt > 1) return
    await aborted(ctx)
    throw signal.reason
  },
  /** Enqueues a job in the queue that its data names, and fails on the first attempt. */
  follow: async (ctx) => {
    await ctx.enqueue(child, null, { queue: ctx.data as string })
    if (ctx.attempt === 1) throw new RangeError('after it has enqueued a job')
  },
}

const child = defineJob({ name: 'quick' })

/** A schema by hand, as the core has no dependency. */
const aNumber: StandardSchema<number> = {
  '~standard': {
    version: 1,
    vendor: 'isobar',
    validate: (value) => (typeof value === 'number' ? { value } : { issues: [{ message: 'it is not a number' }] }),
  },
}

/**
 * The app with which `workerCases` proves a worker. An executor of other processes loads it from a module that exports
 * what this returns.
 */
export function createWorkerApp(): App {
  const app = createApp({ grace: GRACE_MS })
  const retry = { attempts: WORKER_APP_ATTEMPTS, backoff: fixed(WORKER_APP_RETRY_MS) }
  for (const [name, handler] of Object.entries(HANDLERS)) {
    const timeout = name === 'timeout' ? TIMEOUT_MS : '1m'
    if (name === 'checked') app.on(defineJob({ name, retry, data: aNumber }), handler)
    else app.on(defineJob<unknown>({ name, timeout, retry }), handler)
  }
  return app
}
