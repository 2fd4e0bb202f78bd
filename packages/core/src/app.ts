import type { Delivery, Outcome } from './broker.ts'
import { type Clock, systemClock } from './clock.ts'
import { compose } from './compose.ts'
import { Container, type ContainerContext } from './container.ts'
import type { Handler, Middleware } from './context.ts'
import { type Duration, toMs } from './duration.ts'
import { type AbortReason, IsobarError, MissingProviderError, RegistrationError, ShutdownError } from './errors.ts'
import { type Hook, type HookEvents, type HookName, Hooks } from './hooks.ts'
import type { AnyJobType, JobType } from './job.ts'
import type { Plugin, PluginApp } from './plugin.ts'
import type { Provider, Resource } from './resource.ts'
import { JobRun } from './run.ts'
import type { Route, RunHost, RunOptions } from './run-host.ts'
import type { Schedule, ScheduleArgs } from './schedule.ts'

/** How long an aborted handler has by default before its run is given up, in ms. */
export const DEFAULT_GRACE_MS = 5_000

/** How long a job of unknown name is put back by default before it is dead, in ms: the time of a rolling deploy. */
export const DEFAULT_UNKNOWN_AFTER_MS = 900_000

/** Options of `createApp`. */
export interface AppOptions {
  /** How long a handler has after its signal aborted, and a scope to be released, before the run is given up. Default 5 s. */
  readonly grace?: Duration
  /** How long a job that nobody has a handler for is put back before it is dead. Default 15 min. */
  readonly unknownAfter?: Duration
  /** Default: the runtime's own. */
  readonly clock?: Clock
}

/** Options of `app.run`. */
export interface AppRunOptions extends RunOptions {
  /** Aborts the job: with a reason of isobar's, or as a shutdown. Aborted already, it keeps the handler from starting. */
  readonly signal?: AbortSignal
}

/**
 * Handlers, middleware, plugins and resources, and the one door to them: `run`. Put together once, then used by a
 * worker, by a platform's own consumer, by a test or by the leak harness.
 */
export class App<Env = unknown> implements PluginApp, AsyncDisposable {
  readonly #chain: Chain = [[]]
  readonly #plugins = new Map<string, Plugin>()
  readonly #providers = new Map<Resource<unknown>, Provider<unknown, never>>()
  readonly #handlers = new Map<
    string,
    { readonly type: AnyJobType; readonly handler: Handler<never, unknown>; readonly chain: Chain }
  >()
  readonly #schedules = new Map<string, Schedule>()
  readonly #hooks = new Hooks()
  readonly #host: RunHost
  #routes: ReadonlyMap<string, Route> | undefined
  #isolate: Container | undefined

  constructor({
    grace = DEFAULT_GRACE_MS,
    unknownAfter = DEFAULT_UNKNOWN_AFTER_MS,
    clock = systemClock,
  }: AppOptions = {}) {
    const routes = (): ReadonlyMap<string, Route> => this.#seal()
    this.#host = {
      clock,
      hooks: this.#hooks,
      get routes() {
        return routes()
      },
      graceMs: toMs(grace),
      unknownAfterMs: toMs(unknownAfter),
      resources: (options) => {
        const context = this.#containerContext(options.env)
        return { context, parent: options.invocation ?? this.#isolateContainer(context) }
      },
    }
  }

  /**
   * Registers the handler of a job type.
   * @throws {RegistrationError} when the name has a handler already, or jobs have run.
   */
  on<Input, Data, Result>(type: JobType<Input, Data, Result>, handler: Handler<Data, NoInfer<Result>>): this {
    this.#on(this.#chain, type, handler)
    return this
  }

  /**
   * Adds middleware around all handlers, or a plugin. Middleware added first is outermost, whenever handlers are added.
   * @throws {RegistrationError} when a plugin of that name is there already, or jobs have run.
   */
  use(part: Middleware | Plugin): this {
    this.#use(this.#chain, part)
    return this
  }

  /** Observes. Hooks can be added at any time; the function that `addHook` returns takes one away. */
  hook<Name extends HookName>(name: Name, hook: Hook<Name>): this {
    this.#hooks.add(name, hook)
    return this
  }

  /** The same as `hook`, answering with the function that takes the hook away. */
  addHook<Name extends HookName>(name: Name, hook: Hook<Name>): () => void {
    return this.#hooks.add(name, hook)
  }

  /** Tells the hooks: for what happens around the app, in its worker or its platform's adapter. */
  emit<Name extends HookName>(name: Name, event: HookEvents[Name]): void {
    this.#hooks.emit(name, event)
  }

  /**
   * Provides a resource: what the entry point's platform has.
   * @throws {RegistrationError} when it is provided already, or jobs have run.
   */
  provide<T>(resource: Resource<T>, provider: Provider<T, Env>): this {
    this.#add(this.#providers, resource, provider as Provider<unknown, never>, `resource "${resource.name}"`)
    return this
  }

  /**
   * Enqueues a job at each tick of a cron expression, once whatever the number of workers. `missed` says what becomes of
   * the ticks at which none ran.
   * @throws {RegistrationError} when a schedule of that name is there already, or jobs have run.
   */
  schedule<Input>(type: JobType<Input>, cron: string, ...[options]: ScheduleArgs<NoInfer<Input>>): this {
    const { name = type.name, timezone = 'UTC', data = null, missed = 'skip' } = options ?? {}
    this.#add(this.#schedules, name, { name, type, cron, timezone, data, missed }, `schedule ${name}`)
    return this
  }

  /** How long an aborted handler has before its run is given up, in ms. */
  get graceMs(): number {
    return this.#host.graceMs
  }

  /** The job types that have handlers. */
  get jobTypes(): readonly AnyJobType[] {
    return [...this.#handlers.values()].map(({ type }) => type)
  }

  /** The schedules. */
  get schedules(): readonly Schedule[] {
    return [...this.#schedules.values()]
  }

  /** The queues of its job types: what a worker reads unless told otherwise. */
  get queues(): readonly string[] {
    return [...new Set(this.jobTypes.map((type) => type.queue))]
  }

  /**
   * Checks that everything the plugins need is provided, and closes the app to further registrations. Entry points call
   * it at start.
   * @throws {MissingProviderError} naming the plugin and the resource.
   */
  ready(): this {
    for (const { name, needs } of this.#plugins.values()) {
      for (const resource of needs)
        if (!this.#providers.has(resource)) throw new MissingProviderError(resource.name, name)
    }
    this.#seal()
    return this
  }

  /** Runs one delivery and answers with its outcome. Never rejects: whatever goes wrong is an outcome. */
  async run(delivery: Delivery, { signal, ...options }: AppRunOptions = {}): Promise<Outcome> {
    const aborted = signal?.aborted ? toAbortReason(signal.reason, delivery) : undefined
    const run = new JobRun(this.#host, delivery, options, aborted)
    if (!signal || aborted) return run.outcome
    const abort = (): void => run.abort(toAbortReason(signal.reason, delivery))
    signal.addEventListener('abort', abort)
    try {
      return await run.outcome
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** As `run`, for executors: the run can be aborted without a signal of its own, and says when its handler really ends. */
  start(delivery: Delivery, options: RunOptions = {}): JobRun {
    return new JobRun(this.#host, delivery, options)
  }

  /** The resources of one invocation of a platform that ties I/O to it, as Workers do. Dispose it when the invocation ends. */
  invocation(env: Env): Container {
    const context = this.#containerContext(env)
    return new Container(context, 'invocation', this.#isolateContainer(context))
  }

  /** Disposes the resources of the isolate, in the reverse order of their making. They are made anew if jobs run again. */
  async [Symbol.asyncDispose](): Promise<void> {
    const isolate = this.#isolate
    this.#isolate = undefined
    await isolate?.[Symbol.asyncDispose]()
  }

  /** The same as `[Symbol.asyncDispose]()`, by name. */
  dispose(): Promise<void> {
    return this[Symbol.asyncDispose]()
  }

  #containerContext(env: unknown): ContainerContext {
    return {
      providers: this.#providers,
      clock: this.#host.clock,
      env,
      onError: (error) => this.#hooks.emit('scopeError', { error }),
    }
  }

  #isolateContainer(context: ContainerContext): Container {
    this.#isolate ??= new Container(context, 'isolate')
    return this.#isolate
  }

  #on(chain: Chain, type: AnyJobType, handler: Handler<never, unknown>): void {
    this.#add(this.#handlers, type.name, { type, handler, chain }, `a handler of job ${type.name}`)
  }

  #use(chain: Chain, added: Middleware | Plugin): void {
    if (typeof added === 'function') {
      this.#assertOpen('middleware')
      chain.at(-1)?.push(added)
      return
    }
    this.#add(this.#plugins, added.name, added, `plugin "${added.name}"`)
    const inner: Chain = [...chain, []]
    const scoped: PluginApp = {
      on: (type, handler) => {
        this.#on(inner, type, handler)
        return scoped
      },
      use: (other) => {
        this.#use(inner, other)
        return scoped
      },
      hook: (name, hook) => {
        this.hook(name, hook)
        return scoped
      },
      schedule: (type, cron, ...args) => {
        this.schedule(type, cron, ...args)
        return scoped
      },
    }
    added.setup(scoped)
  }

  #seal(): ReadonlyMap<string, Route> {
    this.#routes ??= new Map(
      [...this.#handlers].map(([name, { type, handler, chain }]) => [
        name,
        { type, steps: compose(chain.flat(), handler as Handler<unknown, unknown>) },
      ]),
    )
    return this.#routes
  }

  #add<K, V>(map: Map<K, V>, key: K, value: V, what: string): void {
    this.#assertOpen(what)
    if (map.has(key)) throw new RegistrationError(`${what} is there already`)
    map.set(key, value)
  }

  #assertOpen(what: string): void {
    if (this.#routes) throw new RegistrationError(`${what} cannot be added once the app has started`)
  }
}

/** The middleware around a handler: the app's, then that of each plugin on the way in. Lists still grow until the app starts. */
type Chain = readonly Middleware[][]

function toAbortReason(reason: unknown, { job }: Delivery): AbortReason {
  return reason instanceof IsobarError ? (reason as AbortReason) : new ShutdownError(job)
}

/**
 * An app: add handlers, middleware, plugins and providers, then hand it to an entry point.
 *
 * @example
 * export default createApp().use(logger()).on(sendEmail, (ctx) => send(ctx.data))
 */
export function createApp<Env = unknown>(options: AppOptions = {}): App<Env> {
  return new App(options)
}
