/**
 * A handler called something of its stand-in job that only the real queue can do. The job fails with it, so that the run
 * says so and nothing is measured that would not happen in production.
 */
export class StandInError extends Error {
  readonly code = 'STAND_IN'

  /** `what` was called, which needs `service`; `remedy` is what to do about it. */
  constructor(what: string, service: string, remedy: string) {
    super(`${what} needs ${service}, and the job here is a stand-in without one; ${remedy}`)
    this.name = 'StandInError'
  }
}
