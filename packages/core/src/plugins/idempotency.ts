import type { JobContext, Middleware } from '../context.ts'
import { type Duration, toMs } from '../duration.ts'
import { Release } from '../retry.ts'
import { createMemoryStore, type Store } from './store.ts'

/** How long a result is remembered by default, in ms (a day). */
export const DEFAULT_RESULT_TTL_MS = 86_400_000

/** How long a key counts as being worked on by default, in ms: as long as a job may run by default, and a minute. */
export const DEFAULT_WORKING_TTL_MS = 660_000

/** How long a job waits whose key is being worked on, in ms. */
const BUSY_DELAY_MS = 1_000

/** The value of a key that is being worked on; results are JSON and never begin so. */
const WORKING = 'working:'

/** The value of a key whose handler returned nothing. No JSON is empty. */
const NOTHING = ''

/** Options of `idempotency`. */
export interface IdempotencyOptions {
  /** What is to be done once. Default: the job's id. Undefined lets the job run. */
  readonly key?: (context: JobContext) => string | undefined
  /** How long a result is remembered. Default 1 day. */
  readonly ttl?: Duration
  /** After how long a key that is being worked on is free again, whatever became of it. Must be longer than the timeout. Default 11 min. */
  readonly workingTtl?: Duration
  /** Where keys are kept. Default: a memory store, which holds for this isolate only, 10,000 keys. */
  readonly store?: Store
}

/**
 * Does the work of a key once: a job whose key was done is acknowledged with the remembered result, and its handler does
 * not run; one whose key is being worked on goes back to its queue, uncharged. A failure forgets the key, so that the
 * next attempt runs. Delivery stays at least once: what happens between a handler's effect and the store's answer can
 * still happen twice. Follow-up jobs go out with the ack of the run that did the work: if that ack is lost, so are they,
 * as no other run enqueues them; send those that matter with `{ now: true }`. With the default store it holds per
 * isolate; give all isolates one store to make it hold for all.
 *
 * @example
 * app.use(idempotency({ key: (ctx) => `invoice:${ctx.job.tenant}` }))
 */
export function idempotency(options: IdempotencyOptions = {}): Middleware {
  const {
    key = (context) => context.job.id,
    ttl = DEFAULT_RESULT_TTL_MS,
    workingTtl = DEFAULT_WORKING_TTL_MS,
    store = createMemoryStore(),
  } = options
  const ttlMs = toMs(ttl)
  const workingTtlMs = toMs(workingTtl)
  return async (context, next) => {
    const name = key(context)
    if (name === undefined) return next()
    const { job } = context
    const place = `idempotency:${job.name}:${name}`
    // Of this run alone: a job whose lease was lost may run twice with one id and attempt.
    const holder = `${WORKING}${job.id}#${crypto.randomUUID()}`
    if (!(await store.set(place, holder, { ttlMs: workingTtlMs, ifAbsent: true }))) {
      const known = await store.get(place)
      if (known === undefined || known.startsWith(WORKING))
        throw new Release(BUSY_DELAY_MS, `"${name}" is being worked on`)
      return known === NOTHING ? undefined : JSON.parse(known)
    }
    let result: unknown
    try {
      result = await next()
    } catch (error) {
      try {
        await store.delete(place, holder)
      } catch {
        // The key is free when its time is over; what failed the job is the error to tell.
      }
      throw error
    }
    try {
      await store.set(place, JSON.stringify(result) ?? NOTHING, { ttlMs })
    } catch (error) {
      // The work is done: failing the job now would have it done again.
      context.log.warn('the result could not be remembered; a repeat of this job would run again', {
        error: String(error),
      })
    }
    return result
  }
}

export { createMemoryStore, type MemoryStoreOptions, type SetOptions, type Store } from './store.ts'
