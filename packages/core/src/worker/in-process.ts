import type { App } from '../app.ts'
import type { Delivery, Outcome } from '../broker.ts'
import { type AbortReason, OptionError } from '../errors.ts'
import type { ExecuteOptions, Executor, ExecutorHealth, Running } from '../executor.ts'
import type { HookEvents, HookName } from '../hooks.ts'
import type { JobRun } from '../run.ts'

/** Jobs that run at once by default. */
export const DEFAULT_CONCURRENCY = 10

/** Options of `inProcess`. */
export interface InProcessOptions<Env = unknown> {
  /** Jobs at once. Default 10. */
  readonly concurrency?: number
  /** The platform's environment, for providers. Needed where the app names its type. */
  readonly env?: Env
}

/**
 * Runs handlers in this process. A job that was given up keeps its slot until its handler really ends: nothing here can
 * end it, and starting more beside it would let runaway handlers pile up.
 */
export class InProcessExecutor<Env = unknown> implements Executor {
  readonly #app: App<Env>
  readonly #env: Env | undefined
  readonly size: number
  #running = 0
  #abandoned = 0
  #onFree: () => void = () => {}

  /** @throws {MissingProviderError | OptionError} */
  constructor(app: App<Env>, options: InProcessOptions<Env> = {}) {
    const { concurrency = DEFAULT_CONCURRENCY } = options
    if (!Number.isInteger(concurrency) || concurrency < 1)
      throw new OptionError(`concurrency ${concurrency} must be a whole number of at least 1`)
    this.#app = app.ready()
    this.#env = options.env
    this.size = concurrency
  }

  free(): number {
    return this.size - this.#running
  }

  start(delivery: Delivery, options: ExecuteOptions = {}): Running {
    const run = this.#app.start(delivery, { env: this.#env, ...options })
    this.#running++
    const outcome = run.outcome.then((settled) => {
      if (run.abandoned) this.#abandon(run.ended())
      else this.#running--
      return settled
    })
    return new InProcessRun(run, outcome)
  }

  onFree(listener: () => void): void {
    this.#onFree = listener
  }

  emit<Name extends HookName>(name: Name, event: HookEvents[Name]): void {
    this.#app.emit(name, event)
  }

  get healthy(): boolean {
    return this.#abandoned * 2 < this.size
  }

  health(): ExecutorHealth {
    return { size: this.size, running: this.#running, abandoned: this.#abandoned, healthy: this.healthy }
  }

  /** Disposes the app's resources. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#app.dispose()
  }

  #abandon(ended: Promise<void>): void {
    this.#abandoned++
    void ended.then(() => {
      this.#abandoned--
      this.#running--
      this.#onFree()
    })
  }
}

/** A run in this process: what its job tells of itself, with an outcome that has freed its slot. */
class InProcessRun implements Running {
  readonly outcome: Promise<Outcome>
  readonly #run: JobRun

  constructor(run: JobRun, outcome: Promise<Outcome>) {
    this.#run = run
    this.outcome = outcome
  }

  get startedAt(): number | undefined {
    return this.#run.startedAt
  }

  abort(reason: AbortReason, graceMs?: number): void {
    this.#run.abort(reason, graceMs)
  }
}

/**
 * An executor that runs an app's handlers in this process.
 * @throws {MissingProviderError | OptionError}
 */
export function inProcess<Env = unknown>(
  app: App<Env>,
  ...[options]: unknown extends Env
    ? [options?: InProcessOptions<Env>]
    : [options: InProcessOptions<Env> & { readonly env: Env }]
): InProcessExecutor<Env> {
  return new InProcessExecutor(app, options)
}
