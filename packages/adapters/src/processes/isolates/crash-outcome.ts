import { type Outcome, type StoredJob, TimeoutError } from '@isobar/core'
import { toCrashOutcome } from '@isobar/core/worker'
import type { Death } from './death.ts'
import type { ManifestJob } from './manifest.ts'

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

/** What becomes of a job that had started when its isolate died. One that hung past its timeout is charged with that. */
export function toDeathOutcome({ innocent, death, type, ...crash }: Crashed): Outcome {
  const { error } = death
  if (innocent) return { kind: 'release', error }
  const timedOut = death.cause === 'hang' && type?.timeoutMs
  const charged = timedOut ? new TimeoutError(crash.job, timedOut, true) : error
  return toCrashOutcome({ ...crash, error, charged, retry: type })
}
