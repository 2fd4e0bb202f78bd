import { IsobarError, type IsobarErrorOptions, type JobLabel, labelOf } from './errors.ts'

/** The lease on the job ran out or was taken over: another worker may be running it. The outcome is thrown away. */
export class LeaseLostError extends IsobarError {
  constructor(job: JobLabel) {
    super(
      'LEASE_LOST',
      `the lease on ${labelOf(job)} was lost; its outcome here is thrown away, as another worker may have it`,
    )
  }
}

/** The job was cancelled while it ran. */
export class JobCanceledError extends IsobarError {
  constructor(job: JobLabel) {
    super('JOB_CANCELED', `${labelOf(job)} was cancelled while it ran`)
  }
}

/** The job has taken its worker down, or lost its lease, too often. Dead with reason `crashed`. */
export class CrashedError extends IsobarError {
  constructor(job: JobLabel, crashes: number, options?: IsobarErrorOptions) {
    super(
      'JOB_CRASHED',
      `${labelOf(job)} lost its worker ${crashes} times (crash, out of memory or expired lease) and is not run again; find out why it ends its process, then redrive it`,
      options,
    )
  }
}
