import type { Dedupe, Priority } from './broker.ts'
import { type Duration, MAX_TIMER_MS, type Size, toBytes, toMs } from './duration.ts'
import { OptionError } from './errors.ts'
import { type RetryOptions, type RetryPolicy, toRetryPolicy } from './retry.ts'
import type { InferInput, InferOutput, StandardSchema, ToJson } from './schema.ts'

/** How long a job may run by default, in ms. */
export const DEFAULT_TIMEOUT_MS = 600_000

/** Bytes of data (as JSON) that a job may have by default. */
export const DEFAULT_MAX_BYTES: number = 1_000_000

/** The queue of job types that name none. */
export const DEFAULT_QUEUE = 'default'

/** What a handler may know of the job it does. */
export interface Job<Data = unknown> {
  readonly id: string
  readonly name: string
  readonly data: Data
  /** Charged failures + 1. */
  readonly attempt: number
  readonly priority: Priority
  readonly queue: string
  /** Ms since the epoch. */
  readonly enqueuedAt: number
  readonly tenant?: string | undefined
  /** Where it was enqueued, for tracing: `JobSpec.trace`. What middleware puts here, the job's follow-ups carry on. */
  trace?: string | undefined
}

/** How a key keeps out other jobs with the same key: see `Dedupe`, with durations as words. */
export type DedupeOption = 'alive' | 'queued' | { readonly window: Duration }

/** What `defineJob` is told. */
export interface JobOptions {
  /** Unique in an app: `email.send`. */
  readonly name: string
  /** Attempts and backoff. Default 5, exponential with full jitter from 2 s to 300 s. */
  readonly retry?: RetryOptions
  /** How long it may run. Default 10 min, at most 24 days; `false` for no limit. */
  readonly timeout?: Duration | false
  /** Default `normal`. */
  readonly priority?: Priority
  /** Default `default`. */
  readonly queue?: string
  /** Largest data as JSON. Default 1 mb. */
  readonly maxBytes?: Size
  /** How `key` keeps out others, where `enqueue` gives one. Default `alive`. */
  readonly dedupe?: DedupeOption
}

/**
 * A job type: a value that carries everything about a kind of job but how to do it. Producers and workers share it.
 * `Input` is what is enqueued, `Data` what the handler sees, `Result` what the handler returns.
 */
export interface JobType<Input = unknown, Data = unknown, Result = unknown> {
  readonly name: string
  readonly data: StandardSchema<Input, Data> | undefined
  readonly result: StandardSchema<Result, unknown> | undefined
  readonly retry: RetryPolicy
  /** In ms; false for no limit. */
  readonly timeoutMs: number | false
  readonly priority: Priority
  readonly queue: string
  readonly maxBytes: number
  readonly dedupe: Dedupe
}

// biome-ignore lint/suspicious/noExplicitAny: the one type that every job type fits, whatever its schemas
export type AnyJobType = JobType<any, any, any>

/** What the compiler says when a schema's input is not JSON. */
export interface NotJson {
  readonly '~error': 'data crosses the wire as JSON: the input of its schema must be JSON (coerce dates and the like in the schema)'
}

/** Whether `T` is JSON as a whole: undefined may stand in an object, where JSON drops it, and not alone. */
type CheckJson<T> = unknown extends T
  ? unknown
  : undefined extends T
    ? NotJson
    : [T] extends [ToJson<T>]
      ? unknown
      : NotJson

/**
 * Declares a job type with a schema (any Standard Schema: zod, valibot, arktype …). The wire carries the schema's
 * input: checked at enqueue, transformed once, when the job runs.
 *
 * @example
 * const sendEmail = defineJob({ name: 'email.send', data: z.object({ to: z.email() }), queue: 'email', timeout: '30s' })
 *
 * @throws {OptionError} for a name, timeout, number of attempts or size that cannot be.
 */
export function defineJob<S extends StandardSchema, R extends StandardSchema = StandardSchema<unknown, unknown>>(
  options: JobOptions & { readonly data: S & CheckJson<InferInput<S>>; readonly result?: R },
): JobType<InferInput<S>, InferOutput<S>, InferInput<R>>
/**
 * Declares a job type whose data is typed and not checked: for producers that you trust. Without a type, it has none
 * (`null`).
 *
 * @example
 * const cleanUp = defineJob<{ folder: string }>({ name: 'files.clean-up' })
 */
export function defineJob<Data = null>(
  options: JobOptions & { readonly data?: undefined; readonly result?: undefined } & CheckJson<NoInfer<Data>>,
): JobType<Data, Data, unknown>
export function defineJob(
  options: JobOptions & { readonly data?: StandardSchema | undefined; readonly result?: StandardSchema | undefined },
): JobType {
  const {
    name,
    timeout = DEFAULT_TIMEOUT_MS,
    priority = 'normal',
    queue = DEFAULT_QUEUE,
    maxBytes = DEFAULT_MAX_BYTES,
  } = options
  if (!name || name.length > 200)
    throw new OptionError(`job name ${JSON.stringify(name)} must have 1 to 200 characters`)
  const timeoutMs = timeout === false ? false : toMs(timeout)
  if (timeoutMs === 0 || (timeoutMs && timeoutMs > MAX_TIMER_MS)) {
    throw new OptionError(`timeout of job ${name} must be more than 0 and at most 24 days, or false for none`)
  }
  return Object.freeze({
    name,
    data: options.data,
    result: options.result,
    retry: toRetryPolicy(options.retry),
    timeoutMs,
    priority,
    queue,
    maxBytes: toBytes(maxBytes),
    dedupe: toDedupe(options.dedupe),
  })
}

/** A dedupe option as brokers take it. */
export function toDedupe(option: DedupeOption = 'alive'): Dedupe {
  return typeof option === 'string' ? { mode: option } : { mode: 'window', windowMs: toMs(option.window) }
}
