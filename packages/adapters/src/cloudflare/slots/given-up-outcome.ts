import { type AbortReason, type AnyJobType, type Outcome, type StoredJob, TimeoutError } from '@isobar/core'
import { delayAfter } from '@isobar/core/worker'

/** What becomes of an aborted job whose slot says nothing: a timeout is charged, whatever else aborts a job is not. */
export function toGivenUpOutcome(reason: AbortReason, job: StoredJob, type: AnyJobType | undefined): Outcome {
  if (!(reason instanceof TimeoutError) || !type) return { kind: 'release', error: reason }
  if (job.attempt >= type.retry.attempts) return { kind: 'dead', reason: 'exhausted', error: reason }
  return { kind: 'retry', error: reason, delayMs: delayAfter(type.retry.backoff, job.attempt, reason) }
}
