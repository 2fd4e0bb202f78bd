import type { Delivery, Enqueued, Outcome, StoredJob } from './broker.ts'
import type { Timer } from './clock.ts'
import { Container } from './container.ts'
import { type ContextSource, type FollowUpOptions, JobContext, type LogFields } from './context.ts'
import { type EnqueueOptions, toSpec } from './enqueue.ts'
import {
  type AbortReason,
  InvalidDataError,
  InvalidResultError,
  JobSettledError,
  TimeoutError,
  UnsupportedError,
} from './errors.ts'
import { FollowUps } from './follow-ups.ts'
import type { LogLevel } from './hooks.ts'
import type { AnyJobType, Job } from './job.ts'
import { readPayload } from './json.ts'
import type { Resource } from './resource.ts'
import type { Route, RunHost, RunOptions } from './run-host.ts'
import { type Checked, validate } from './schema.ts'
import { Scope } from './scope.ts'
import { toAck, toOutcome, toRefusal, toUnknown, toUnreadable } from './settle.ts'

/**
 * One run of one delivery.
 *
 * It is *pending* while the data is read and checked, the handler runs and its scope is released. It *settles* once,
 * with an outcome. An abort (timeout, shutdown, cancel, lost lease) signals the handler and gives it a grace in which
 * what the handler does still decides: a normal return is an ack. After the grace the run is *abandoned*: the context
 * is revoked, the outcome follows from the reason, and `ended` tells when the handler really ends, as nothing in one
 * process can stop it.
 */
export class JobRun implements ContextSource {
  /** What became of the job. Never rejects. */
  readonly outcome: Promise<Outcome>
  /** Whether the run settled while its handler, or the release of its scope, went on. */
  abandoned = false
  /** When its handler started, ms since the epoch; undefined while, and where, it did not. */
  startedAt: number | undefined

  readonly #host: RunHost
  #stored: StoredJob
  readonly #options: RunOptions
  readonly #begunAt: number
  readonly #begun: number
  /** Undefined where no handler has its name: that is settled at once. */
  readonly #route: Route | undefined
  #settle: ((outcome: Outcome) => void) | undefined
  #timer: Timer
  #job: Job | undefined
  #context: JobContext | undefined
  #scope: Scope | undefined
  #container: Container | undefined
  #controller: AbortController | undefined
  #reason: AbortReason | undefined
  #followUps: FollowUps | undefined
  #decided: Outcome | undefined
  #returned = false
  #released: Promise<void> | undefined
  #ended: Promise<void> | undefined
  #end: () => void = () => {}

  /** `reason`, where it was aborted before it could start. */
  constructor(host: RunHost, delivery: Delivery, options: RunOptions, reason?: AbortReason) {
    this.#host = host
    this.#stored = delivery.job
    this.#options = options
    this.#route = host.routes.get(delivery.job.name)
    this.#begunAt = host.clock.now()
    this.#begun = host.clock.monotonic()
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve
    })
    if (reason) this.abort(reason)
    try {
      this.#begin(delivery.job)
    } catch (error) {
      this.#finish(toRefusal(error))
    }
  }

  /** Resolves when nothing of the run goes on any more: at once, unless it was abandoned. */
  ended(): Promise<void> {
    return this.outcome.then(() => this.#ended)
  }

  /**
   * Aborts the job. `ctx.signal` aborts with the reason; the handler has `graceMs` (default: the app's) before the run
   * is abandoned. A handler that has ended hears nothing of it; checking its result and releasing its scope are still
   * cut short. Does nothing when the job has settled or was aborted before.
   */
  abort(reason: AbortReason, graceMs: number = this.#host.graceMs): void {
    if (!this.#settle || this.#reason) return
    this.#reason = reason
    this.#startTimer(graceMs, () => this.#giveUp())
    if (!this.#returned) this.#controller?.abort(reason)
  }

  // What happens, in order.

  #begin(job: StoredJob): void {
    if ('bytes' in job.payload) return this.#finish(toUnreadable(job.payload))
    if (!this.#route) return this.#finish(toUnknown(job, this.#host.clock.now(), this.#host.unknownAfterMs))
    const { timeoutMs, maxBytes, data: schema } = this.#route.type
    const data = readPayload(job, maxBytes)
    if (timeoutMs !== false && !this.#reason) {
      this.#startTimer(timeoutMs, () => this.abort(new TimeoutError(job, timeoutMs)))
    }
    if (!schema) return this.#handle(this.#route, data)
    const checked = validate(schema, data)
    if (checked instanceof Promise) void checked.then((answer) => this.#accept(answer))
    else this.#accept(checked)
  }

  #accept(checked: Checked<unknown>): void {
    const route = this.#route as Route
    if ('value' in checked) return this.#handle(route, checked.value)
    this.#finish(toRefusal(new InvalidDataError(route.type.name, checked.issues, checked)))
  }

  #handle({ steps }: Route, data: unknown): void {
    if (!this.#settle) return this.#end()
    // Aborted before, or while its data was checked: what has not started need not start.
    if (this.#reason) return this.#fail(this.#reason)
    const job = this.#stored
    const { id, name, attempt, priority, queue, enqueuedAt, tenant, trace } = job
    this.#job = { id, name, data, attempt, priority, queue, enqueuedAt, tenant, trace }
    this.startedAt = this.#host.clock.now()
    this.#host.hooks.emit('start', { job, startedAt: this.startedAt })
    // A label of its own: the delivery's job holds the payload, and a context that somebody keeps must not.
    this.#context = new JobContext(this, { id, name, queue })
    try {
      const result = steps(this.#context)
      if (!isThenable(result)) return this.#return(result)
      // Free for promises; of any other thenable it makes one that settles once.
      Promise.resolve(result).then(
        (value) => this.#return(value),
        (error: unknown) => this.#fail(error),
      )
    } catch (error) {
      this.#fail(error)
    }
  }

  #return(value: unknown): void {
    this.#returned = true
    const schema = this.#route?.type.result
    if (!this.#followUps && !schema) return this.#finish(toAck(value))
    this.#complete(schema, value).then(
      (outcome) => this.#finish(outcome),
      // Not the work of an abort, even if there was one: the handler returned.
      (error: unknown) => this.#finish(this.#toFailed(error)),
    )
  }

  async #complete(schema: AnyJobType['result'], value: unknown): Promise<Outcome> {
    const enqueue = await this.#followUps?.checked()
    if (!schema) return toAck(value, enqueue)
    const checked = await validate(schema, value)
    if ('issues' in checked) throw new InvalidResultError(this.#stored, checked.issues, checked)
    return toAck(checked.value, enqueue)
  }

  #fail(error: unknown): void {
    this.#finish(this.#reason ? this.#toAborted(this.#reason) : this.#toFailed(error))
  }

  #toFailed(error: unknown): Outcome {
    return toOutcome(error, this.#stored.attempt, (this.#route as Route).type.retry)
  }

  /** A timeout charges an attempt; whatever else aborts a job does not, and may not even be ours to settle. */
  #toAborted(reason: AbortReason): Outcome {
    return reason instanceof TimeoutError ? this.#toFailed(reason) : { kind: 'release', error: reason }
  }

  /** The handler has ended. The outcome stands; what the job opened is released before it is told. */
  #finish(outcome: Outcome): void {
    this.#returned = true
    const released = this.#scope || this.#container ? this.#release() : undefined
    if (!released) return this.#conclude(outcome)
    this.#decided = outcome
    // A scope that does not end must not hold the outcome for ever.
    if (this.#settle && !this.#reason) this.#startTimer(this.#host.graceMs, () => this.#giveUp())
    void released.then(() => this.#conclude(outcome))
  }

  #conclude(outcome: Outcome): void {
    this.#tell(outcome)
    this.#end()
  }

  /** The grace is over, and the handler or its scope goes on. */
  #giveUp(): void {
    this.abandoned = true
    this.#ended = new Promise((resolve) => {
      this.#end = resolve
    })
    if (this.#decided) return this.#tell(this.#decided)
    const reason = this.#reason as AbortReason
    const { timeoutMs } = (this.#route as Route).type
    const timedOut = reason instanceof TimeoutError && timeoutMs
    this.#tell(this.#toAborted(timedOut ? new TimeoutError(this.#stored, timeoutMs, true) : reason))
    void this.#release()
  }

  /** What is handed to the scope from now on, by a handler that goes on, is released at once. */
  #release(): Promise<void> {
    this.#released ??= this.#releaseAll()
    return this.#released
  }

  async #releaseAll(): Promise<void> {
    try {
      await this.#scope?.disposeAsync()
    } catch (error) {
      this.#scopeError(error)
    }
    await this.#container?.[Symbol.asyncDispose]()
  }

  #tell(outcome: Outcome): void {
    const settle = this.#settle
    if (!settle) return
    this.#settle = undefined
    this.#startTimer(undefined)
    if (this.#context) JobContext.revoke(this.#context)
    this.#context = undefined
    this.#job = undefined
    this.#followUps = undefined
    const { hooks } = this.#host
    const job = this.#stored
    // A scope that somebody keeps refers to its run, to tell late errors; that must not keep the payload.
    if (this.#scope) this.#stored = { ...job, payload: { value: undefined } }
    if (hooks.has('settle')) {
      hooks.emit('settle', {
        job,
        outcome,
        startedAt: this.startedAt ?? this.#begunAt,
        durationMs: this.#host.clock.monotonic() - this.#begun,
      })
    }
    if (outcome.kind === 'retry') hooks.emit('retry', { job, error: outcome.error, delayMs: outcome.delayMs })
    settle(outcome)
  }

  /** One timer at a time: the timeout's, then the grace's. */
  #startTimer(ms: number | undefined, callback: () => void = () => {}): void {
    if (this.#timer !== undefined) this.#host.clock.clearTimeout(this.#timer)
    this.#timer = ms === undefined ? undefined : this.#host.clock.setTimeout(callback, ms)
  }

  #scopeError(error: unknown): void {
    this.#host.hooks.emit('scopeError', { job: this.#stored, error })
  }

  // What the context asks for.

  get job(): Job {
    return this.#job as Job
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#reason) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  get scope(): Scope {
    if (!this.#scope) {
      this.#scope = new Scope((error) => this.#scopeError(error))
      // First asked for while the rest is being released: too late to keep anything.
      if (this.#released) void this.#scope.disposeAsync()
    }
    return this.#scope
  }

  use<T>(resource: Resource<T>): Promise<T> {
    const given = this.#options.provide?.find(([other]) => other === resource)
    if (given) return Promise.resolve(given[1] as T)
    if (!this.#container) {
      if (this.#released) return Promise.reject(new JobSettledError(this.#stored, 'use'))
      const { context, parent } = this.#host.resources(this.#options)
      this.#container = new Container({ ...context, onError: (error) => this.#scopeError(error) }, 'job', parent)
    }
    return this.#container.get(resource)
  }

  enqueue(type: AnyJobType, data: unknown, { now = false, ...given }: FollowUpOptions): Promise<Enqueued | undefined> {
    const options = { trace: this.#job?.trace, ...given }
    if (now) return this.#send(type, data, options)
    // What goes out with the ack is fixed when the handler returns: taking more would be losing it.
    if (this.#returned) return Promise.reject(new JobSettledError(this.#stored, 'enqueue'))
    this.#followUps ??= new FollowUps()
    return this.#followUps.hold(type, data, options)
  }

  async #send(type: AnyJobType, data: unknown, options: EnqueueOptions): Promise<Enqueued | undefined> {
    const { sender } = this.#options
    if (!sender) throw new UnsupportedError('of this run', 'send at once', 'give the run a sender')
    const [enqueued] = await sender.send([await toSpec(type, data, options)])
    return enqueued
  }

  log(level: LogLevel, message: string, fields: LogFields): void {
    const { hooks, clock } = this.#host
    hooks.emit('log', { job: this.#stored, level, message, fields, at: clock.now() })
  }

  progress(value: unknown): void {
    this.#host.hooks.emit('progress', { job: this.#stored, value })
    this.#options.progress?.(value)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function'
}
