import type { ExecutionContext } from '@cloudflare/workers-types'
import { OptionError } from '@isobar/core'

/** The flag without which an isolate that is ended takes the outcomes of its batch with it. */
export const RESULT_FIRST_FLAG = 'queue_consumer_no_wait_for_wait_until'

/** How long after its result an invocation ends its isolate, in ms: until the platform has heard the result. */
const ABORT_AFTER_MS = 100

/** Of this isolate, since it began: whatever consumers it has. */
let jobs = 0
let invocations = 0

/** Told of each queue invocation of an isolate: what `isolate` of a consumer takes. */
export interface IsolateLifetime {
  /** @throws {OptionError} */
  begin(): void
  /** `ended` resolves when the invocation has released what it opened. */
  end(jobs: number, ctx: ExecutionContext, ended: Promise<unknown>): void
}

/**
 * Ends the isolate after an invocation that brings it to its budget of jobs, so that a fresh one takes over: at the edge
 * nobody can read its memory. It waits until no other queue invocation is under way, but not for ever: at twice the
 * budget those are cut off, and their batches come again.
 *
 * @example
 * toWorker<Env>(app, { deadLetter: 'DLQ', isolate: endIsolate({ jobs: 10_000 }) })
 *
 * @throws {OptionError} when `jobs` is not a whole number of at least 1; at the first invocation, without the
 * compatibility flag `queue_consumer_no_wait_for_wait_until`.
 */
export function endIsolate({ jobs: max }: { readonly jobs: number }): IsolateLifetime {
  if (!Number.isSafeInteger(max) || max < 1)
    throw new OptionError(`an isolate of ${max} jobs cannot be; give a whole number of at least 1`)
  const isOver = (): boolean => jobs >= max && (invocations === 0 || jobs >= max * 2)
  const end = async (ended: Promise<unknown>): Promise<void> => {
    await ended
    await new Promise((resolve) => setTimeout(resolve, ABORT_AFTER_MS))
    if (!isOver()) return
    const { abortIsolate } = (await import('cloudflare:workers' as string)) as { abortIsolate(reason?: string): void }
    abortIsolate(`isobar: this isolate has done ${jobs} of ${max} jobs`)
  }
  return {
    begin() {
      const { Cloudflare } = globalThis as { Cloudflare?: { compatibilityFlags?: Record<string, boolean> } }
      if (Cloudflare?.compatibilityFlags?.[RESULT_FIRST_FLAG] !== true)
        throw new OptionError(`endIsolate needs "${RESULT_FIRST_FLAG}" in compatibility_flags of wrangler.jsonc`)
      invocations++
    },
    end(done, ctx, ended) {
      jobs += done
      invocations--
      if (isOver()) ctx.waitUntil(end(ended))
    },
  }
}
