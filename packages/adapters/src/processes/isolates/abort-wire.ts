import { type AbortReason, type JobLabel, ShutdownError } from '@isobar/core'
import { JobCanceledError, LeaseLostError } from '@isobar/core/worker'

/** Why a supervisor aborts a job, by the code of the error. */
const REASONS: Readonly<Record<string, new (job: JobLabel) => AbortReason>> = {
  LEASE_LOST: LeaseLostError,
  JOB_CANCELED: JobCanceledError,
}

/** The reason with this code, for this job: a shutdown, unless it is known better. */
export function toAbortReason(code: string, job: JobLabel): AbortReason {
  return new (REASONS[code] ?? ShutdownError)(job)
}
