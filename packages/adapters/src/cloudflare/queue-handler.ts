import type { ExecutionContext, MessageBatch } from '@cloudflare/workers-types'
import { type App, type Duration, OptionError, type Outcome, toMs } from '@isobar/core'
import { PRIORITIES } from '@isobar/core/codec'
import { CrashedError } from '@isobar/core/worker'
import { type AnyQueue, type BindingOf, checkBindings, type QueueBindings, type QueueLike } from './bindings.ts'
import { type QueueDelivery, type ReadForeign, toDelivery } from './delivery.ts'
import type { IsolateLifetime } from './end-isolate.ts'
import type { InvocationExecutor, OpenExecutor } from './executor.ts'
import { inInvocation } from './in-invocation.ts'
import { DEFAULT_WALL_CLOCK_MS, MAX_WALL_CLOCK_MS } from './limits.ts'
import { runBatch } from './run-batch.ts'
import { toSender, within } from './sender.ts'
import { type SettleHost, settle } from './settle.ts'

/** Jobs of a batch that run at once by default. */
export const DEFAULT_CONCURRENCY = 10

/** Deliveries that a job may lose with its isolate (out of memory, CPU limit) beyond its attempts before it is dead. */
export const MAX_LOST_DELIVERIES = 10

/** How long messages wait that come to a Worker whose options are wrong, in seconds. */
const WRONG_OPTIONS_DELAY_S = 300

/** Options of `toQueueHandler`. */
export interface QueueHandlerOptions<Env> {
  /** The binding of the queue for dead letters: nothing is dropped, so there must be one. */
  readonly deadLetter: BindingOf<Env, QueueLike>
  /**
   * The producer bindings of the app's queues: for follow-up jobs, and to put jobs back without costing them an attempt.
   * Default: none.
   */
  readonly queues?: QueueBindings<Env>
  /** Jobs of a batch at once. Default 10. */
  readonly concurrency?: number
  /** How long an invocation may take. What has not begun by then is handed back; what runs is aborted. Default 14 min. */
  readonly wallClock?: Duration
  /** Reads messages that isobar did not send: `foreignJobs(…)`. Default: they are dead letters. */
  readonly foreign?: ReadForeign
  /** Ends the isolate after a number of jobs: `endIsolate({ jobs })`. Default: the platform does as it likes. */
  readonly isolate?: IsolateLifetime
  /** Where handlers run. Default: in the consumer's own isolate. */
  readonly executor?: OpenExecutor<Env>
}

/** A Worker's `queue`. */
export type QueueHandler<Env> = (batch: MessageBatch, env: Env, ctx: ExecutionContext) => Promise<void>

/**
 * The queue consumer of an app, for a Worker of your own. Each message is settled on its own: one that fails repeats none
 * of its neighbours. Never rejects: with bindings missing it says so in the log, and all messages wait for 5 minutes.
 *
 * @example
 * const consume = toQueueHandler<Env>(app, { deadLetter: 'DLQ' })
 * export default { queue: (batch, env, ctx) => consume(batch, env, ctx) }
 *
 * @throws {OptionError | MissingProviderError}
 */
export function toQueueHandler<Env>(app: App<Env>, options: QueueHandlerOptions<Env>): QueueHandler<Env> {
  const {
    deadLetter,
    queues = {},
    concurrency = DEFAULT_CONCURRENCY,
    foreign,
    isolate,
    executor = inInvocation(app),
  } = options
  if (!options.executor) app.ready()
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new OptionError(`concurrency is ${concurrency}; at least 1`)
  const wallClockMs = toMs(options.wallClock ?? DEFAULT_WALL_CLOCK_MS)
  const types = new Map(app.jobTypes.map((type) => [type.name, type]))
  if (wallClockMs + app.graceMs > MAX_WALL_CLOCK_MS)
    throw new OptionError('wallClock and the grace of the app are over 14.5 min together; lower them')

  return async (batch, env, ctx) => {
    const sender = toSender(queues, env)
    let opened: InvocationExecutor
    try {
      checkBindings({ ...queues, 'of dead letters': deadLetter }, env)
      opened = executor({ env, ctx, types, sender })
      isolate?.begin()
    } catch (error) {
      // Thrown, it would come again at once, as often as the platform allows, before anybody could mend it.
      console.error('isobar: consumes nothing for 5 min', error)
      return batch.retryAll({ delaySeconds: WRONG_OPTIONS_DELAY_S })
    }
    const canSendTo = (queue: string): boolean => Object.hasOwn(queues, queue)
    const host: SettleHost = { ...{ app, sender, canSendTo }, deadLetter: env[deadLetter] as AnyQueue }
    const deliveries = batch.messages.map((message) => toDelivery(message, batch.queue, foreign)).sort(byPriority)
    await runBatch(deliveries, {
      ...{ executor: opened, sender, concurrency, wallClockMs, graceMs: app.graceMs },
      settle: (delivery, outcome) => settle(delivery, outcome, host),
      foregone: (delivery) =>
        canSendTo(delivery.job.queue) ? toForegone(delivery, types.get(delivery.job.name)?.retry.attempts) : undefined,
    })
    // Results are reported when this has ended: what does not end must not hold them.
    const ended = within(app.graceMs, opened.end()).catch((error: unknown) => app.emit('scopeError', { error }))
    ctx.waitUntil(ended)
    isolate?.end(deliveries.length, ctx, ended)
  }
}

function byPriority(a: QueueDelivery, b: QueueDelivery): number {
  return PRIORITIES.indexOf(a.job.priority) - PRIORITIES.indexOf(b.job.priority)
}

/**
 * A job that was delivered so often that its isolate must have died under it again and again is not run once more.
 * Deliveries that no failure accounts for were lost, where jobs are put back by sending them anew.
 */
function toForegone({ job, token }: QueueDelivery, attempts: number | undefined): Outcome | undefined {
  if (attempts === undefined || token.attempts <= attempts + MAX_LOST_DELIVERIES) return undefined
  return { kind: 'dead', reason: 'crashed', error: new CrashedError(job, token.attempts - 1) }
}
