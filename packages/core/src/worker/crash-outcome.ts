import type { Outcome, StoredJob } from '../broker.ts'
import { CrashedError } from '../lost-errors.ts'
import { delayAfter, type RetryPolicy } from '../retry.ts'

/** Times that a job may take down an isolate in which it runs alone, by default. */
export const DEFAULT_ALONE_CRASHES = 2

/** What is known of a job whose isolate died under it. */
export interface JobCrash {
  readonly job: StoredJob
  /** Whether it was alone in there because it was a suspect. */
  readonly alone: boolean
  /** What the isolate died of. */
  readonly error: unknown
  /** What the job is charged with, if it is. Default: the same. */
  readonly charged?: unknown
  /** Of its type; undefined where no handler has its name. */
  readonly retry: RetryPolicy | undefined
  readonly maxCrashes: number
}

/**
 * For executors with isolates: what becomes of a job that had started when its isolate died. Whoever may have done it is a
 * suspect, goes back uncharged, and runs again alone. Only a crash while alone is charged, and after `maxCrashes` of
 * those, or its last attempt, the job is dead.
 */
export function toCrashOutcome({ job, alone, error, charged = error, retry, maxCrashes }: JobCrash): Outcome {
  if (!alone) return { kind: 'release', suspect: true, error }
  // The first crash made it a suspect; those after that were alone.
  if (job.crashes >= maxCrashes || job.attempt >= (retry?.attempts ?? Number.POSITIVE_INFINITY))
    return { kind: 'dead', reason: 'crashed', error: new CrashedError(job, job.crashes + 1, { cause: error }) }
  const delayMs = retry ? delayAfter(retry.backoff, job.attempt, charged) : 0
  return { kind: 'retry', crashed: true, error: charged, delayMs }
}
