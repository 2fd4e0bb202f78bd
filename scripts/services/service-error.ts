import { IsobarError } from '@isobar/core'

/** A service that tests need cannot be had. The message ends with the command that would mend it. */
export class ServiceError extends IsobarError {
  constructor(problem: string, remedy: string, options?: { readonly cause?: unknown }) {
    super('SERVICE_MISSING', `${problem}; ${remedy}`, options)
  }
}
