import { type Outcome, type StoredJob, TimeoutError } from '@isobar/core'
import { CrashedError, delayAfter } from '@isobar/core/worker'
import type { Death } from './death.ts'
import type { ManifestJob } from './manifest.ts'

/** Times that a job may take down an isolate in which it runs alone, by default. */
export const DEFAULT_ALONE_CRASHES = 2

/** What is known of a job whose isolate died under it. */
export interface Crashed {
  readonly job: StoredJob
  /** Whether it was alone in there because it was a suspect. */
  readonly alone: boolean
  /** Whether another job is known to have done it. */
  readonly innocent: boolean
  readonly death: Death
  /** Its type; undefined where no handler has its name. */
  readonly type: ManifestJob | undefined
  readonly maxCrashes: number
}

/**
 * What becomes of a job that had started when its isolate died. Whoever may have done it is a suspect, goes back
 * uncharged, and runs again alone. Only a crash while alone is charged, and after `maxCrashes` of those, or its last
 * attempt, the job is dead.
 */
export function toCrashOutcome({ job, alone, innocent, death, type, maxCrashes }: Crashed): Outcome {
  const { error } = death
  if (innocent) return { kind: 'release', error }
  if (!alone) return { kind: 'release', suspect: true, error }
  // The first crash made it a suspect; those after that were alone.
  if (job.crashes >= maxCrashes || job.attempt >= (type?.attempts ?? Number.POSITIVE_INFINITY))
    return { kind: 'dead', reason: 'crashed', error: new CrashedError(job, job.crashes + 1, { cause: error }) }
  const timedOut = death.cause === 'hang' && type?.timeoutMs
  const charged = timedOut ? new TimeoutError(job, timedOut, true) : error
  return {
    kind: 'retry',
    crashed: true,
    error: charged,
    delayMs: type ? delayAfter(type.backoff, job.attempt, charged) : 0,
  }
}
