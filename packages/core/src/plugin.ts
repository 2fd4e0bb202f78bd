import type { Handler, Middleware } from './context.ts'
import { OptionError } from './errors.ts'
import type { Hook, HookName } from './hooks.ts'
import type { JobType } from './job.ts'
import type { Resource } from './resource.ts'
import type { ScheduleArgs } from './schedule.ts'

/** What a plugin registers with while it is set up. */
export interface PluginApp {
  /** Registers the handler of a job type. */
  on<Input, Data, Result>(type: JobType<Input, Data, Result>, handler: Handler<Data, NoInfer<Result>>): this
  /** Adds middleware around the handlers registered here (and in plugins added here), or another plugin. */
  use(part: Middleware | Plugin): this
  /** Observes the whole app. */
  hook<Name extends HookName>(name: Name, hook: Hook<Name>): this
  /** Enqueues a job at each tick of a cron expression. */
  schedule<Input>(type: JobType<Input>, cron: string, ...args: ScheduleArgs<NoInfer<Input>>): this
}

/** A named bundle of handlers, middleware and hooks. It knows resources by token and never a platform. */
export interface Plugin {
  readonly name: string
  /** Resources that the entry point must provide. Checked at start. */
  readonly needs: readonly Resource<unknown>[]
  readonly setup: (app: PluginApp) => void
}

/** What `definePlugin` is told. */
export interface PluginOptions {
  /** Unique in an app. */
  readonly name: string
  /** Resources that its handlers use. Default none. */
  readonly needs?: readonly Resource<unknown>[]
  /** Registers what the plugin has. */
  setup(app: PluginApp): void
}

/**
 * Declares a plugin.
 *
 * @example
 * const email = definePlugin({ name: 'email', needs: [mailer], setup(app) { app.on(sendEmail, handler) } })
 *
 * @throws {OptionError} when it has no name.
 */
export function definePlugin({ name, needs = [], setup }: PluginOptions): Plugin {
  if (!name) throw new OptionError('a plugin needs a name')
  return Object.freeze({ name, needs, setup })
}
