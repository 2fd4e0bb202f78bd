import type { Enqueued } from './broker.ts'
import type { EnqueueArgs, EnqueueOptions } from './enqueue.ts'
import { type JobLabel, JobSettledError } from './errors.ts'
import type { LogLevel } from './hooks.ts'
import type { AnyJobType, Job, JobType } from './job.ts'
import type { Resource } from './resource.ts'
import type { Scope } from './scope.ts'

/** Fields of a log line. */
export type LogFields = Readonly<Record<string, unknown>>

/** Writes log lines that carry the job's name and id. Where they go is up to the app: see `@isobar/core/plugins/logger`. */
export interface JobLogger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** Options of `ctx.enqueue`. */
export interface FollowUpOptions extends EnqueueOptions {
  /** Send it at once, whatever becomes of this job. Default false: it goes out with the ack, or not at all. */
  readonly now?: boolean
}

/** What a context stands on while its job runs. */
export interface ContextSource {
  readonly job: Job
  readonly signal: AbortSignal
  readonly scope: Scope
  use<T>(resource: Resource<T>): Promise<T>
  enqueue(type: AnyJobType, data: unknown, options: FollowUpOptions): Promise<Enqueued | undefined>
  log(level: LogLevel, message: string, fields: LogFields): void
  progress(value: unknown): void
}

/**
 * What a handler gets. It is revoked when the job settles: from then on it holds nothing of the job, and using it
 * throws `JobSettledError`.
 */
export class JobContext<Data = unknown> {
  #source: ContextSource | undefined
  readonly #label: JobLabel

  constructor(source: ContextSource, label: JobLabel) {
    this.#source = source
    this.#label = label
  }

  #open(property: string): ContextSource {
    if (!this.#source) throw new JobSettledError(this.#label, property)
    return this.#source
  }

  /** The job's data, as its schema gives it. */
  get data(): Data {
    return this.#open('data').job.data as Data
  }

  /** The job: id, name, queue, priority, attempt, when it was enqueued. */
  get job(): Job<Data> {
    return this.#open('job').job as Job<Data>
  }

  /** Charged failures so far + 1. */
  get attempt(): number {
    return this.#open('attempt').job.attempt
  }

  /**
   * Aborts for a timeout, a shutdown, a cancel or a lost lease, with a coded reason; never after a success. Made when
   * first asked for. Pass it to whatever the handler waits for.
   */
  get signal(): AbortSignal {
    return this.#open('signal').signal
  }

  /** What this job opens and must not leave open: released last-in-first-out when it settles, however it ends. */
  get scope(): Scope {
    return this.#open('scope').scope
  }

  /** Writes log lines with the job's name and id. */
  get log(): JobLogger {
    this.#open('log')
    const write =
      (level: LogLevel) =>
      (message: string, fields: LogFields = {}) =>
        this.#source?.log(level, message, fields)
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  }

  /** A resource that the entry point provides. */
  use<T>(resource: Resource<T>): Promise<T> {
    return this.#open('use').use(resource)
  }

  /**
   * Enqueues a job that goes out when this one is acknowledged, or not at all. With `{ now: true }` it is sent at once
   * and its id is the answer. Awaiting is optional: the job does not settle before its follow-ups are checked.
   * @throws {InvalidDataError | PayloadTooLargeError}
   */
  enqueue<Input>(
    type: JobType<Input>,
    data: NoInfer<Input>,
    options: FollowUpOptions & { readonly now: true },
  ): Promise<Enqueued>
  enqueue<Input>(type: JobType<Input>, ...args: EnqueueArgs<NoInfer<Input>, FollowUpOptions>): Promise<void>
  enqueue(type: AnyJobType, data?: unknown, options: FollowUpOptions = {}): Promise<unknown> {
    return this.#open('enqueue').enqueue(type, data, options)
  }

  /** Says how far the job is, for dashboards and `jobs.get(id)`. Any JSON value. */
  progress(value: unknown): void {
    this.#open('progress').progress(value)
  }

  /** Takes everything away. The framework calls it when the job has settled. */
  static revoke(context: JobContext): void {
    context.#source = undefined
  }
}

/** Wraps a job. What it returns is the job's result. */
export type Middleware = (context: JobContext, next: () => Promise<unknown>) => unknown

/** Does a job. What it returns is checked by the job type's `result` schema, where it has one. */
export type Handler<Data, Result> = (context: JobContext<Data>) => Result | Promise<Result>
