import type { ExecutionContext, ScheduledController } from '@cloudflare/workers-types'
import { type App, OptionError } from '@isobar/core'
import type { Schedules } from './cron-triggers.ts'
import { type QueueHandler, type QueueHandlerOptions, toQueueHandler } from './queue-handler.ts'

/** Options of `toWorker`. */
export interface WorkerOptions<Env> extends QueueHandlerOptions<Env> {
  /** Handlers of queues that are not the app's, by the platform's name of the queue: for dead letters, say. */
  readonly consumers?: Readonly<Record<string, QueueHandler<Env>>>
  /** Answers requests: `Request` and `Response` are the global ones. */
  readonly fetch?: (request: Request, env: Env, ctx: ExecutionContext) => Response | Promise<Response>
  /** Runs the app's schedules: `cronTriggers()`. Needed where there are any. */
  readonly scheduled?: Schedules<Env>
}

/** What a Worker exports. */
export interface QueueWorker<Env> {
  queue: QueueHandler<Env>
  fetch?: NonNullable<WorkerOptions<Env>['fetch']>
  scheduled?(controller: ScheduledController, env: Env, ctx: ExecutionContext): Promise<void>
}

/**
 * An app as a Worker: a consumer of Cloudflare Queues and, where the app has schedules, of cron triggers.
 *
 * @example
 * export default toWorker<Env>(app, { deadLetter: 'DLQ' })
 *
 * @throws {OptionError | MissingProviderError | UnsupportedError}
 */
export function toWorker<Env>(app: App<Env>, options: WorkerOptions<Env>): QueueWorker<Env> {
  const { consumers = {}, fetch, scheduled, queues = {} } = options
  if (app.schedules.length > 0 && !scheduled) throw new OptionError('schedules need scheduled: cronTriggers()')
  const consume = toQueueHandler(app, options)
  const others = new Map(Object.entries(consumers))
  return {
    queue: (batch, env, ctx) => (others.get(batch.queue) ?? consume)(batch, env, ctx),
    ...(fetch && { fetch }),
    ...(scheduled && { scheduled: scheduled(app, queues) }),
  }
}
