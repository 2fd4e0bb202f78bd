import type { Delivery } from '@isobar/core'
import type { BareHandler, HandlerJob, JobToReplay } from './contract.ts'
import { describeError } from './describe-error.ts'

/** Queue of the jobs that say none. */
export const DEFAULT_QUEUE = 'leak-harness'

/** What is under test: an app or a bare handler, behind one door. */
export interface Subject {
  readonly kind: 'app' | 'handler'
  /** Checks what can be checked before the first job, such as that an app's resources are provided. */
  start(): unknown
  /** Does job `i`. Rejects with the job's error when it failed. */
  run(job: JobToReplay, i: number): Promise<void>
  /** Does job `i` and says what it came to. Never rejects. */
  answer(job: JobToReplay, i: number): Promise<Answer>
  /** Releases what it holds beyond a job. */
  end(): Promise<void>
}

/** What a job came to, for comparing. */
export interface Answer {
  /** `done`, or how it failed, with the error's name and message. */
  readonly outcome: string
  /** What it answered, and the jobs that it enqueued with that. */
  readonly value: unknown
}

/** Characters kept of an outcome. */
const MAX_OUTCOME_LENGTH = 500

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
      await handler(toHandlerJob(job, i))
    },
    answer: async (job, i) => {
      try {
        return { outcome: 'done', value: await handler(toHandlerJob(job, i)) }
      } catch (error) {
        return toFailure('failed', error)
      }
    },
    end: async () => {},
  }
}

function toHandlerJob({ name, data, attempt = 1 }: JobToReplay, i: number): HandlerJob {
  return { id: String(i), name, data, attempt }
}

function toFailure(how: string, error: unknown): Answer {
  return { outcome: `${how}: ${describeError(error)}`.slice(0, MAX_OUTCOME_LENGTH), value: undefined }
}

function fromApp(app: AppLike): Subject {
  return {
    kind: 'app',
    start: () => app.ready?.(),
    run: async (job, i) => {
      const outcome = await outcomeOf(app, job, i)
      if (outcome.kind !== 'ack')
        throw outcome.error ?? new Error(`the job was given back ("${outcome.kind}") without an error`)
    },
    answer: async (job, i) => {
      try {
        return toAnswer(await outcomeOf(app, job, i))
      } catch (error) {
        return toFailure('failed', error)
      }
    },
    end: async () => {
      await app.dispose?.()
    },
  }
}

interface AnyOutcome {
  readonly kind: string
  readonly error?: unknown
  readonly reason?: unknown
  readonly result?: unknown
  readonly enqueue?: unknown
}

async function outcomeOf(app: AppLike, job: JobToReplay, i: number): Promise<AnyOutcome> {
  const outcome: unknown = await app.run(toDelivery(job, i))
  if (!isOutcome(outcome)) throw new TypeError('run(delivery) of the app answered with no outcome, { kind }')
  return outcome
}

/** Without what may well differ each time: ids, and delays. */
function toAnswer({ kind, error, reason, result, enqueue }: AnyOutcome): Answer {
  if (kind !== 'ack') return toFailure(reason === undefined ? kind : `${kind} (${String(reason)})`, error)
  if (!Array.isArray(enqueue)) return { outcome: 'done', value: result }
  const followUps = enqueue.map(({ id: _, delayMs: __, ...spec }: Record<string, unknown>) => spec)
  return { outcome: 'done', value: { result, enqueue: followUps } }
}

function isOutcome(value: unknown): value is AnyOutcome {
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
