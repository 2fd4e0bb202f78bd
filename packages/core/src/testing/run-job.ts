import type { App } from '../app.ts'
import type { JobSpec, Outcome } from '../broker.ts'
import { type EnqueueArgs, type EnqueueOptions, toSpec } from '../enqueue.ts'
import type { HookEvents } from '../hooks.ts'
import type { JobType } from '../job.ts'
import type { Resource } from '../resource.ts'

/** Options of `runJob`. */
export interface RunJobOptions extends EnqueueOptions {
  /** Resources to use in place of what the app provides, or where it provides none. */
  readonly provide?: readonly (readonly [resource: Resource<unknown>, value: unknown])[]
  /** Charged failures + 1. Default 1. */
  readonly attempt?: number
  /** The platform's environment, for providers. */
  readonly env?: unknown
  /** Aborts the job. */
  readonly signal?: AbortSignal
}

/** What became of a job, and what it did on the way. */
export interface JobReport {
  readonly outcome: Outcome
  /** Jobs that went out with the ack, then those sent at once, as brokers take them. */
  readonly enqueued: readonly JobSpec[]
  readonly logs: readonly Pick<HookEvents['log'], 'level' | 'message' | 'fields'>[]
  readonly progress: readonly unknown[]
}

/**
 * Runs one job through an app, from the producer's check to the outcome, without a broker. Data take the trip through
 * JSON that they would take.
 *
 * @example
 * const { outcome } = await runJob(app, sendEmail, { to: 'ann@example.org' }, { provide: [[mailer, fake]] })
 *
 * @throws {InvalidDataError | PayloadTooLargeError} when a producer would refuse the data.
 */
export async function runJob<Input>(
  app: App<never> | App,
  type: JobType<Input>,
  ...args: EnqueueArgs<NoInfer<Input>, RunJobOptions>
): Promise<JobReport> {
  const [data, { provide, attempt = 1, env, signal, ...options } = {}] = args
  const spec = await toSpec(type, data, options)
  const { name, queue, priority, text, tenant, trace, id = 'test' } = spec
  const now = Date.now()
  const job = {
    id,
    name,
    queue,
    priority,
    attempt,
    crashes: 0,
    enqueuedAt: now,
    dueAt: now,
    ...(tenant !== undefined && { tenant }),
    ...(trace !== undefined && { trace }),
    payload: { text },
  }
  const sent: JobSpec[] = []
  const logs: JobReport['logs'][number][] = []
  const progress: unknown[] = []
  const unhook = app.addHook('log', ({ job: from, level, message, fields }) => {
    if (from === job) logs.push({ level, message, fields })
  })
  try {
    const outcome = await app.run(
      { job, token: undefined, leaseUntil: Number.POSITIVE_INFINITY },
      {
        env,
        progress: (value) => progress.push(value),
        sender: {
          async send(specs) {
            sent.push(...specs)
            return specs.map((each, at) => ({ id: each.id ?? `sent-${at}`, duplicate: false }))
          },
        },
        ...(provide && { provide }),
        ...(signal && { signal }),
      },
    )
    return { outcome, enqueued: [...(outcome.kind === 'ack' ? (outcome.enqueue ?? []) : []), ...sent], logs, progress }
  } finally {
    unhook()
  }
}
