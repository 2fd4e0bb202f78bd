import type { JobContext, Middleware } from '../context.ts'
import { type Duration, toMs } from '../duration.ts'
import { OptionError } from '../errors.ts'
import { Release } from '../retry.ts'
import { createMemoryStore, type Store } from './store.ts'

/** How long a job over the limit waits by default, in ms. */
export const DEFAULT_OVER_LIMIT_DELAY_MS = 1_000

/** How long a slot is held at most by default, in ms: as long as a job may run by default, and a minute. */
export const DEFAULT_SLOT_TTL_MS = 660_000

/** Options of `concurrency`. */
export interface ConcurrencyOptions {
  /** What the limit counts: a tenant, an account. Jobs without a key (undefined) are not limited. */
  readonly key: (context: JobContext) => string | undefined
  /** Jobs at once a key. */
  readonly limit: number
  /** How long a job over the limit waits, uncharged, before it is handed out again. Default 1 s. */
  readonly delay?: Duration
  /** After how long a slot counts as free whatever became of its job. Must be longer than its timeout. Default 11 min. */
  readonly ttl?: Duration
  /** Where slots are counted. Default: a memory store, which holds for this isolate only. */
  readonly store?: Store
}

/**
 * Limits how many jobs of a key run at once. A job over the limit does not wait in its slot: it goes back to its queue,
 * uncharged, and others run meanwhile. With the default store the limit holds per isolate; give all isolates one store
 * to make it hold for all.
 *
 * @example
 * app.use(concurrency({ key: (ctx) => ctx.job.tenant, limit: 5 }))
 *
 * @throws {OptionError}
 */
export function concurrency(options: ConcurrencyOptions): Middleware {
  const {
    key,
    limit,
    delay = DEFAULT_OVER_LIMIT_DELAY_MS,
    ttl = DEFAULT_SLOT_TTL_MS,
    store = createMemoryStore(),
  } = options
  if (!Number.isInteger(limit) || limit < 1)
    throw new OptionError(`concurrency limit ${limit} must be a whole number of at least 1`)
  const delayMs = toMs(delay)
  const ttlMs = toMs(ttl)
  return async (context, next) => {
    const name = key(context)
    if (name === undefined) return next()
    const { scope, job } = context
    // Of this run alone: a job whose lease was lost may run twice with one id and attempt.
    const holder = `${job.id}#${crypto.randomUUID()}`
    for (let slot = 0; slot < limit; slot++) {
      const place = `concurrency:${name}:${slot}`
      if (await store.set(place, holder, { ttlMs, ifAbsent: true })) {
        // Of the scope as it was before: if the job was given up meanwhile, the slot is freed at once.
        scope.defer(() => store.delete(place, holder))
        return next()
      }
    }
    throw new Release(delayMs, `${limit} jobs of "${name}" run already`)
  }
}

export { createMemoryStore, type MemoryStoreOptions, type SetOptions, type Store } from './store.ts'
