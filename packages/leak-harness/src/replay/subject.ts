import type { Delivery } from '@isobar/core'
import type { BareHandler, JobToReplay } from './contract.ts'

/** Queue of the jobs that say none. */
export const DEFAULT_QUEUE = 'leak-harness'

/** What is under test: an app or a bare handler, behind one door. */
export interface Subject {
  readonly kind: 'app' | 'handler'
  /** Checks what can be checked before the first job, such as that an app's resources are provided. */
  start(): unknown
  /** Does job `i`. Rejects with the job's error when it failed. */
  run(job: JobToReplay, i: number): Promise<void>
  /** Releases what it holds beyond a job. */
  end(): Promise<void>
}

interface AppLike {
  run(delivery: Delivery): unknown
  ready?(): unknown
  dispose?(): unknown
}

/**
 * Makes a subject of a module's default export, or nothing when it is neither an app nor a function that does a job when
 * it is called: a generator does not.
 */
export function toSubject(value: unknown): Subject | undefined {
  if (isApp(value)) return fromApp(value)
  return typeof value === 'function' && !isGenerator(value) ? fromHandler(value as BareHandler) : undefined
}

function isGenerator(value: unknown): boolean {
  return /Generator/.test(Object.prototype.toString.call(value))
}

function isApp(value: unknown): value is AppLike {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    'run' in value &&
    typeof value.run === 'function'
  )
}

function fromHandler(handler: BareHandler): Subject {
  return {
    kind: 'handler',
    start: () => {},
    run: async (job, i) => {
      await handler({ id: String(i), name: job.name, data: job.data, attempt: job.attempt ?? 1 })
    },
    end: async () => {},
  }
}

function fromApp(app: AppLike): Subject {
  return {
    kind: 'app',
    start: () => app.ready?.(),
    run: async (job, i) => {
      const outcome: unknown = await app.run(toDelivery(job, i))
      if (!isOutcome(outcome)) throw new TypeError('run(delivery) of the app answered with no outcome, { kind }')
      if (outcome.kind !== 'ack')
        throw outcome.error ?? new Error(`the job was given back ("${outcome.kind}") without an error`)
    },
    end: async () => {
      await app.dispose?.()
    },
  }
}

function isOutcome(value: unknown): value is { readonly kind: string; readonly error?: unknown } {
  return typeof value === 'object' && value !== null && 'kind' in value
}

/** A delivery as a broker would hand it over, its data as the JSON text that a broker stores. */
function toDelivery({ name, data, queue = DEFAULT_QUEUE, attempt = 1 }: JobToReplay, i: number): Delivery {
  const now = Date.now()
  return {
    job: {
      id: String(i),
      name,
      queue,
      priority: 'normal',
      attempt,
      crashes: 0,
      enqueuedAt: now,
      dueAt: now,
      payload: { text: JSON.stringify(data) ?? 'null' },
    },
    token: i,
    leaseUntil: Number.POSITIVE_INFINITY,
  }
}
