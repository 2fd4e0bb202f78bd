import type { JobCanceledError, LeaseLostError } from './lost-errors.ts'

/** Options that every isobar error takes. */
export interface IsobarErrorOptions {
  /** What made this happen, when something else did. */
  readonly cause?: unknown
}

/**
 * The base of every error that isobar raises. `code` is stable across versions: switch on it, not on the message.
 * Messages name the job, its queue and its id, never its payload.
 */
export class IsobarError extends Error {
  /** Stable, machine-readable name of the fault, such as `JOB_TIMEOUT`. */
  readonly code: string

  constructor(code: string, message: string, options?: IsobarErrorOptions) {
    super(message, options)
    this.code = code
    this.name = new.target.name
  }
}

/** What an error message may say about a job: enough to find it, nothing of its payload. */
export interface JobLabel {
  readonly id: string
  readonly name: string
  readonly queue?: string
}

/** `job email.send (id 42, queue email)`, as error messages name a job. */
export function labelOf(job: JobLabel): string {
  return `job ${job.name} (id ${job.id}${job.queue ? `, queue ${job.queue}` : ''})`
}

/** A job's context was used after the job had settled. Copy what you need out of `ctx` before the handler returns. */
export class JobSettledError extends IsobarError {
  constructor(job: JobLabel, property: string) {
    super('JOB_SETTLED', `ctx.${property} was used after ${labelOf(job)} had settled; await the work in the handler`)
  }
}

/** The job ran longer than its `timeout`. Charged as an attempt. */
export class TimeoutError extends IsobarError {
  /** Whether the handler was still running when it was given up: in one process nothing can stop it. */
  readonly abandoned: boolean

  constructor(job: JobLabel, timeoutMs: number, abandoned = false) {
    super(
      'JOB_TIMEOUT',
      `${labelOf(job)} ran past its timeout of ${timeoutMs} ms${
        abandoned ? ', ignored ctx.signal and holds its slot until it ends' : ''
      }; pass ctx.signal on, or raise the timeout`,
    )
    this.abandoned = abandoned
  }
}

/** The worker is shutting down and its deadline has passed. The job goes back to its queue, uncharged. */
export class ShutdownError extends IsobarError {
  constructor(job: JobLabel) {
    super('SHUTDOWN', `${labelOf(job)} was interrupted by a shutdown; it goes back to its queue uncharged`)
  }
}

/** Why `ctx.signal` aborted: one of these four, and never after a success. */
export type AbortReason = TimeoutError | ShutdownError | LeaseLostError | JobCanceledError

/** Data does not fit the job type: not JSON, or refused by its schema. */
export class InvalidDataError extends IsobarError {
  /** What the schema, or the JSON check, objected to: paths and messages, never values. */
  readonly issues: readonly string[]

  constructor(jobName: string, issues: readonly string[], options?: IsobarErrorOptions & { code?: string }) {
    super(
      options?.code ?? 'INVALID_DATA',
      `data of job ${jobName} is not valid: ${issues.slice(0, 5).join('; ')}`,
      options,
    )
    this.issues = issues
  }
}

/** A handler's return value does not fit the job type's `result` schema. Dead: running it again would repeat its effects. */
export class InvalidResultError extends IsobarError {
  readonly issues: readonly string[]

  constructor(job: JobLabel, issues: readonly string[], options?: IsobarErrorOptions) {
    super(
      'INVALID_RESULT',
      `${labelOf(job)} returned what its result schema refuses: ${issues.slice(0, 5).join('; ')}`,
      options,
    )
    this.issues = issues
  }
}

/** A payload is larger than the broker or the app accepts. Store large content elsewhere and send a reference. */
export class PayloadTooLargeError extends IsobarError {
  constructor(jobName: string, bytes: number, maxBytes: number) {
    super(
      'PAYLOAD_TOO_LARGE',
      `data of job ${jobName} has ${bytes} bytes, over the limit of ${maxBytes}; store it elsewhere and send a reference`,
    )
  }
}

/** A message could not be read at all: not an envelope, not JSON. It is dead-lettered with its bytes. */
export class UnreadableError extends IsobarError {
  constructor(message: string, options?: IsobarErrorOptions) {
    super('UNREADABLE', message, options)
  }
}

/** No handler is registered under the job's name. */
export class UnknownJobError extends IsobarError {
  constructor(job: JobLabel) {
    super('UNKNOWN_JOB', `no handler for ${labelOf(job)}; register one with app.on()`)
  }
}

/** Something was registered twice, or too late. Thrown while the app is put together, never while jobs run. */
export class RegistrationError extends IsobarError {
  constructor(message: string) {
    super('REGISTRATION', message)
  }
}

/** An entry point did not provide a resource that a plugin needs. Thrown at start. */
export class MissingProviderError extends IsobarError {
  constructor(token: string, plugin?: string) {
    super(
      'MISSING_PROVIDER',
      `no provider for resource "${token}"${plugin ? `, needed by plugin "${plugin}"` : ''}; call app.provide() in the entry point`,
    )
  }
}

/** A resource could not be created: its provider failed, it depends on itself, or on something that lives shorter. */
export class ResourceError extends IsobarError {
  constructor(token: string, problem: string, options?: IsobarErrorOptions) {
    super('RESOURCE', `resource "${token}" ${problem}`, options)
  }
}

/** A broker was asked for something it says it cannot do (see `broker.can`). */
export class UnsupportedError extends IsobarError {
  constructor(broker: string, ability: string, remedy?: string) {
    super('UNSUPPORTED', `broker ${broker} cannot ${ability}${remedy ? `; ${remedy}` : ''}`)
  }
}

/** A scope was used after it was disposed. What was handed to it is released at once. */
export class ScopeDisposedError extends IsobarError {
  constructor() {
    super('SCOPE_DISPOSED', 'the scope is disposed; what it is handed is released at once')
  }
}

/** A handler threw something that is not an Error (`undefined`, a string, a number). */
export class ThrownValueError extends IsobarError {
  constructor(value: unknown) {
    super('THROWN_VALUE', `the handler threw ${value === null ? 'null' : typeof value}; throw an Error`, {
      cause: value,
    })
  }
}

/** A middleware broke the rules of its chain, such as calling `next()` twice. */
export class MiddlewareError extends IsobarError {
  constructor(message: string) {
    super('MIDDLEWARE', message)
  }
}

/** An option has a value that cannot be used. Thrown while things are put together. */
export class OptionError extends IsobarError {
  constructor(message: string) {
    super('OPTION', message)
  }
}

/** Throw it to give up at once: no further attempt, dead with reason `unrecoverable`. */
export class Unrecoverable extends IsobarError {
  constructor(message: string, options?: IsobarErrorOptions) {
    super('UNRECOVERABLE', message, options)
  }
}

/** A thrown value made an Error; an Error is returned as it is. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new ThrownValueError(thrown)
}
