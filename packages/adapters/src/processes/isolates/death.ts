import type { RecycleCause } from '@isobar/core'
import { IsobarError } from '@isobar/core'

/** An isolate has died. What its jobs came to is another matter. */
export class IsolateDiedError extends IsobarError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('ISOLATE_DIED', message, options)
  }
}

/** How an isolate ended that nobody had told to. */
export interface Death {
  readonly cause: Extract<RecycleCause, 'limit' | 'crash' | 'hang'>
  readonly error: IsolateDiedError
  /** The number of the job that is known to have done it. */
  readonly culprit: number | undefined
}

/** What is known of an isolate that has gone. */
export interface Traces {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what it wrote to stderr. */
  readonly stderr: string
  /** Why the supervisor killed it, if it did. */
  readonly killed: { readonly cause: Death['cause']; readonly message: string } | undefined
  /** What it said of itself: an exception that nobody caught, and the number of its job, 0 where it was of none. */
  readonly uncaught: { readonly n: number; readonly error: Error } | undefined
}

/** What an isolate died of, by its traces. */
export function toDeath({ code, signal, stderr, killed, uncaught }: Traces): Death {
  if (killed) return { cause: killed.cause, error: new IsolateDiedError(killed.message), culprit: undefined }
  if (uncaught) {
    const message = `a handler threw where nobody could catch it (${uncaught.error.message}); await what it starts`
    return {
      cause: 'crash',
      error: new IsolateDiedError(message, { cause: uncaught.error }),
      culprit: uncaught.n || undefined,
    }
  }
  return { cause: 'crash', error: new IsolateDiedError(describe(code, signal, stderr)), culprit: undefined }
}

function describe(code: number | null, signal: NodeJS.Signals | null, stderr: string): string {
  if (/heap out of memory|invalid table size|Allocation failed/.test(stderr))
    return 'it ran out of memory; give isolates more, or find what takes it'
  if (signal === 'SIGKILL') return 'it was killed (SIGKILL), as by a container that ran out of memory'
  if (signal) return `it ended by ${signal}`
  return `it ended with exit code ${code}: a handler must not end its process`
}
