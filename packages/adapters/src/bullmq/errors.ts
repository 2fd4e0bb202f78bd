import { IsobarError, type IsobarErrorOptions, type StoredJob } from '@isobar/core'

export { BrokerClosedError } from '../brokers/errors.ts'

/** A package that the broker needs is not installed, or not in a version that it can use. */
export class DriverMissingError extends IsobarError {
  constructor(driver: string, remedy: string, options?: IsobarErrorOptions) {
    super('DRIVER_MISSING', `the BullMQ broker needs the package ${driver}: ${remedy}`, options)
  }
}

/** BullMQ has decided that a job is to fail before it runs, as when one of its child jobs has failed. */
export class FailedByBullMQError extends IsobarError {
  constructor(job: Pick<StoredJob, 'name' | 'id'>, failure: string) {
    super('BULLMQ_FAILED', `job ${job.name} (id ${job.id}) was not run: ${failure}; redrive it when that is mended`)
  }
}

/** What is wrong with Redis, by the word its message starts with, also where that is in the message of a script. */
const FAULTS: readonly (readonly [word: string, code: string, remedy: string])[] = [
  ['OOM', 'REDIS_FULL', 'raise its maxmemory or discard dead letters; BullMQ needs the policy noeviction'],
  ['READONLY', 'REDIS_READONLY', 'it is a replica; point the broker at the primary (it looks again by itself)'],
  ['LOADING', 'REDIS_UNAVAILABLE', 'it still loads its data; the broker tries again by itself'],
  ['MASTERDOWN', 'REDIS_UNAVAILABLE', 'it has lost its primary'],
  ['MISCONF', 'REDIS_FULL', 'it cannot write to its disk, and so takes no jobs'],
  ['NOAUTH', 'REDIS_REFUSED', 'give a user and a password in the URL'],
  ['WRONGPASS', 'REDIS_REFUSED', 'see that the user and the password in the URL are right'],
  ['NOPERM', 'REDIS_REFUSED', 'the user of the URL lacks the right to do so'],
  ['BUSY', 'REDIS_UNAVAILABLE', 'a script runs on it and blocks everything else'],
]

/**
 * Redis refused a command, or could not be asked. `cause` is the driver's error. Whether what was asked for has been done
 * is not known where the connection was lost meanwhile.
 */
export class RedisError extends IsobarError {
  /** `lastProblem`: what the connection last reported, for errors that only say that it is gone. */
  constructor(broker: string, action: string, cause: unknown, lastProblem?: string) {
    const message = toMessage(cause)
    const fault = FAULTS.find(([word]) => new RegExp(`(?:^|[-\\s])${word}\\b`).test(message))
    const gone = !fault && !isReply(cause)
    const [, code, remedy] = fault ?? ['', gone ? 'REDIS_UNAVAILABLE' : 'REDIS', '']
    super(
      code,
      `broker ${broker} could not ${action}: ${message}${gone && lastProblem ? ` (${lastProblem})` : ''}${
        gone ? '; see that Redis can be reached' : remedy && `; ${remedy}`
      }`,
      { cause },
    )
  }
}

function toMessage(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  // The driver's own text tells its users to change an option that is ours.
  if (cause.name === 'MaxRetriesPerRequestError') return 'there is no connection'
  return cause.message || cause.name
}

/** Whether an error is an answer of the server, not of the connection. */
export function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}
