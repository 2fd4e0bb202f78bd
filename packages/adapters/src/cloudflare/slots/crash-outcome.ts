import type { AnyJobType, Outcome, StoredJob } from '@isobar/core'
import { CrashedError, delayAfter } from '@isobar/core/worker'

/** What is known of a job whose isolate died under it. */
export interface Crashed {
  readonly job: StoredJob
  /** Whether it was alone in there because it was a suspect. */
  readonly alone: boolean
  readonly error: unknown
  /** Its type; undefined where no handler has its name. */
  readonly type: AnyJobType | undefined
  readonly maxCrashes: number
}

/**
 * What becomes of a job that was in an isolate when it died: a suspect goes back uncharged and runs again alone; a crash
 * while alone is charged, and after `maxCrashes` of those, or its last attempt, the job is dead.
 */
export function toCrashOutcome({ job, alone, error, type, maxCrashes }: Crashed): Outcome {
  if (!alone) return { kind: 'release', suspect: true, error }
  // The first crash made it a suspect; those after that were alone.
  if (job.crashes >= maxCrashes || job.attempt >= (type?.retry.attempts ?? Number.POSITIVE_INFINITY))
    return { kind: 'dead', reason: 'crashed', error: new CrashedError(job, job.crashes + 1, { cause: error }) }
  return { kind: 'retry', crashed: true, error, delayMs: type ? delayAfter(type.retry.backoff, job.attempt, error) : 0 }
}
