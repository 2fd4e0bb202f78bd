import type { HandlerJob } from '../replay/contract.ts'
import { StandInJob, type StandInOptions, tokenOf } from './bullmq-job.ts'

export { toBullmqRun } from './bullmq-file.ts'
export { StandInJob, type StandInOptions } from './bullmq-job.ts'
export { StandInError } from './stand-in-error.ts'

/** A BullMQ processor: a function of a job, the token of its lock and a signal that cancels it. */
export type BullmqProcessor<Job = StandInJob> = (job: Job, token?: string, signal?: AbortSignal) => unknown

/** Queue that stand-in jobs say they are from. */
export const DEFAULT_QUEUE_NAME = 'leak-harness'

/** Errors by which a processor says that it gave the job back, having moved it first: BullMQ counts none as a failure. */
const GIVEN_BACK: readonly string[] = ['DelayedError', 'WaitingError', 'WaitingChildrenError', 'RateLimitError']

/**
 * Makes a handler for the harness of a BullMQ processor as it stands. Each call gets a stand-in job of its own
 * (`StandInJob`), its token, and a signal that never aborts. No Redis is needed: what a processor may call while it runs
 * is answered (`updateProgress`, `log`, `updateData`, `extendLock`, `getState`, `moveToDelayed` and so on), and the job
 * has no parent and no children. A `DelayedError`, `WaitingError`, `WaitingChildrenError` or `RateLimitError` gives the
 * job back, as it does in BullMQ, and does not fail it.
 *
 * What needs Redis (`remove`, `retry`, `promote`, `changeDelay`, `changePriority`, `moveToCompleted`, `moveToFailed`,
 * `waitUntilFinished`, `addJob`, `queue`) throws a `StandInError`.
 * @param options `queueName`, default `leak-harness`; `opts`, what `queue.add` would have been given, default none.
 * @throws {TypeError} when the processor is not a function.
 *
 * @example
 * export default fromBullmq(async (job) => {
 *   await job.updateProgress(50)
 *   return sendMail(job.data)
 * })
 */
export function fromBullmq<Job = StandInJob>(
  processor: BullmqProcessor<Job>,
  { queueName = DEFAULT_QUEUE_NAME, opts = {} }: Partial<StandInOptions> = {},
): (job: HandlerJob) => Promise<unknown> {
  if (typeof processor !== 'function')
    throw new TypeError(
      `fromBullmq was given ${processor === null ? 'null' : `a value of type ${typeof processor}`}; give it the processor, a function of a job`,
    )
  return async (job) => {
    const standIn = new StandInJob(job, { queueName, opts })
    // One for each job, as in BullMQ: a listener that is left on it goes with it.
    const { signal } = new AbortController()
    try {
      return await processor(standIn as Job, tokenOf(job), signal)
    } catch (error) {
      if (isGivenBack(error)) return undefined
      throw error
    }
  }
}

/** By name: the processor's copy of BullMQ may be another. */
function isGivenBack(error: unknown): boolean {
  return error instanceof Error && GIVEN_BACK.includes(error.name)
}
