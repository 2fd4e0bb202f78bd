import type { Duration } from './duration.ts'

/** How long a resource lives: with its job, with one invocation of the platform, or with the isolate. */
export type Lifetime = 'job' | 'invocation' | 'isolate'

/** Something that handlers ask for by token and entry points provide. `T` is what `ctx.use` gives. */
export interface Resource<T> {
  readonly name: string
  /** Carries the type only; never there. */
  readonly '~type'?: T
}

/**
 * Declares a resource. Plugins know the token, entry points provide the thing.
 *
 * @example
 * const mailer = defineResource<Mailer>('mailer')
 */
export function defineResource<T>(name: string): Resource<T> {
  return Object.freeze({ name })
}

/** What a provider's `create` is given. */
export interface CreateContext<Env = unknown> {
  /** The platform's environment, as the entry point passed it. */
  readonly env: Env
  /** Another resource, which must live at least as long. It is disposed after this one. */
  use<T>(resource: Resource<T>): Promise<T>
}

/** How an entry point provides a resource. */
export interface Provider<T, Env = unknown> {
  readonly lifetime: Lifetime
  readonly create: (context: CreateContext<Env>) => T | Promise<T>
  /** Called once, when its lifetime ends or it is retired; errors go to the `scopeError` hook. */
  readonly dispose?: (value: T) => unknown
  /** Retire it after this many jobs used it. A new one is made; the old one goes when its last job has settled. */
  readonly maxUses?: number
  /** Retire it after this long. */
  readonly maxAge?: Duration
}
