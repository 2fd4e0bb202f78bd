import type { DeadReason, JobSpec, Outcome, Payload, StoredJob } from './broker.ts'
import {
  InvalidResultError,
  PayloadTooLargeError,
  ThrownValueError,
  toError,
  UnknownJobError,
  UnreadableError,
  Unrecoverable,
} from './errors.ts'
import { delayAfter, Release, RetryAfter, type RetryPolicy } from './retry.ts'

/** The outcome of a handler that threw: what it asked for outright, else another attempt while there is one. */
export function toOutcome(thrown: unknown, attempt: number, policy: RetryPolicy): Outcome {
  const error = toReadable(thrown)
  if (error instanceof Release) return { kind: 'release', delayMs: error.delayMs, error }
  const dead = whyDead(error) ?? (attempt >= policy.attempts ? 'exhausted' : undefined)
  if (dead) return { kind: 'dead', error, reason: dead }
  const delayMs = error instanceof RetryAfter ? error.delayMs : delayAfter(policy.backoff, attempt, error)
  return { kind: 'retry', delayMs, error }
}

/** Why another attempt cannot mend it; undefined when it may. */
function whyDead(error: Error): DeadReason | undefined {
  if (error instanceof Unrecoverable) return 'unrecoverable'
  return error instanceof InvalidResultError ? 'invalid-result' : undefined
}

/** As `toError`, also for what cannot even be asked what it is (a revoked proxy). */
function toReadable(thrown: unknown): Error {
  try {
    return toError(thrown)
  } catch {
    return new ThrownValueError(thrown)
  }
}

/** The outcome of a job whose data could not be read or was refused: running it again would change nothing. */
export function toRefusal(error: unknown): Outcome {
  const reason: DeadReason =
    error instanceof PayloadTooLargeError ? 'oversized' : error instanceof UnreadableError ? 'unreadable' : 'invalid'
  return { kind: 'dead', error, reason }
}

/** The outcome of a message whose bytes are all that is known of it. */
export function toUnreadable({ problem, oversized }: Extract<Payload, { bytes: unknown }>): Outcome {
  return {
    kind: 'dead',
    error: new UnreadableError(`the message could not be read: ${problem}`),
    reason: oversized ? 'oversized' : 'unreadable',
  }
}

/** How long a released job of unknown name waits: a tenth of its age, within these bounds in ms. */
const UNKNOWN_DELAY = { min: 1_000, max: 60_000 }

/** The outcome of a job of a name that no handler has: put back uncharged, and dead when it has been due for too long. */
export function toUnknown(job: StoredJob, now: number, unknownAfterMs: number): Outcome {
  const error = new UnknownJobError(job)
  const age = now - job.dueAt
  if (age >= unknownAfterMs) return { kind: 'dead', error, reason: 'unknown' }
  const delayMs = Math.round(Math.min(Math.max(age / 10, UNKNOWN_DELAY.min), UNKNOWN_DELAY.max))
  return { kind: 'release', error, delayMs }
}

/** The outcome of a job that was done, with what it enqueued. */
export function toAck(result: unknown, enqueue?: readonly JobSpec[]): Outcome {
  return { kind: 'ack', ...(result !== undefined && { result }), ...(enqueue && { enqueue }) }
}
