import { type Handler, IsobarError, type JobContext, OptionError, Release, Unrecoverable } from '@isobar/core'
import { ProcessorJob } from './processor-job.ts'

/** How long a job waits by default whose processor threw BullMQ's `RateLimitError`, in ms. */
export const DEFAULT_RATE_LIMIT_MS = 1_000

/**
 * A BullMQ processor: a function of a job, the token of its lock and a signal that cancels it. `Job` is the class of
 * whichever BullMQ the processor is typed with.
 */
export type BullMQProcessor<Job = ProcessorJob<unknown>, Result = unknown> = (
  job: Job,
  token?: string,
  signal?: AbortSignal,
) => Result | Promise<Result>

/** Options of `fromBullMQ`. */
export interface FromBullMQOptions {
  /**
   * What the processor finds in `job.opts`, beside BullMQ's default `attempts: 0`. How often a job is tried is the job
   * type's to say (`retry.attempts`): name it here, too, for a processor that reads `job.opts.attempts`.
   */
  readonly opts?: Readonly<Record<string, unknown>>
  /** How long a job is put back for when its processor throws `RateLimitError`, in ms. Default 1 s. */
  readonly rateLimitMs?: number
}

/** The type of a job's data, as its processor sees it. */
type DataOf<Job> = Job extends { readonly data: infer Data } ? Data : unknown

/** Errors by which a processor says that it has moved its job itself. */
const MOVED: ReadonlySet<string> = new Set(['DelayedError', 'WaitingError'])

/**
 * Makes a handler of a BullMQ processor as it stands. Each run gets a job of its own (`ProcessorJob`) that stands on the
 * context, a token, and `ctx.signal` where the processor has a third parameter. BullMQ itself is not loaded: its errors
 * are known by their names.
 *
 * | the processor | becomes |
 * |---|---|
 * | `job.updateProgress(value)`, `job.log(row)` | `ctx.progress(value)`, `ctx.log.info(row)` |
 * | throws an error | another attempt, while the job type has one |
 * | throws `UnrecoverableError` | `Unrecoverable`: dead at once |
 * | `job.moveToDelayed(timestamp)`, `DelayedError` | `Release` until then, uncharged |
 * | `job.moveToWait()`, `WaitingError` | `Release`, uncharged |
 * | throws `RateLimitError` | `Release` for `rateLimitMs`, uncharged |
 *
 * @example
 * app.on(sendEmail, fromBullMQ(async (job) => {
 *   await job.updateProgress(50)
 *   return send(job.data)
 * }))
 *
 * @throws {OptionError} when the processor is no function: import the default export of a processor file.
 */
export function fromBullMQ<Job = ProcessorJob<unknown>, Result = unknown>(
  processor: BullMQProcessor<Job, Result>,
  { opts = {}, rateLimitMs = DEFAULT_RATE_LIMIT_MS }: FromBullMQOptions = {},
): Handler<DataOf<Job>, Result> {
  if (typeof processor !== 'function') {
    const given = processor === null ? 'null' : typeof processor
    throw new OptionError(`fromBullMQ was given ${given}; give it the processor: the default export of its file`)
  }
  const jobOpts = Object.freeze({ attempts: 0, ...opts })
  // As BullMQ does: a signal costs, and most processors have no use for one.
  const takesSignal = processor.length >= 3
  return async (context) => {
    const job: ProcessorJob = new ProcessorJob<unknown>(context, jobOpts)
    const standIn = job as unknown as Job
    let result: Result
    try {
      result = await (takesSignal ? processor(standIn, job.token, context.signal) : processor(standIn, job.token))
    } catch (error) {
      throw toIsobar(error, job, context, rateLimitMs)
    }
    const movedTo = ProcessorJob.movedTo(job)
    if (movedTo !== undefined) throw toRelease(movedTo)
    return result
  }
}

/** What isobar is to do about what the processor threw. A job that was moved stays moved, as in BullMQ. */
function toIsobar(thrown: unknown, job: ProcessorJob, context: JobContext, rateLimitMs: number): unknown {
  const names = thrown instanceof Error ? namesOf(thrown) : []
  const movedTo = ProcessorJob.movedTo(job)
  if (movedTo !== undefined) {
    if (!names.some((name) => MOVED.has(name)))
      context.log.warn('failed after it was moved; the move stands', { error: messageOf(thrown) })
    return toRelease(movedTo)
  }
  if (names.includes('UnrecoverableError')) return new Unrecoverable(messageOf(thrown), { cause: thrown })
  if (names.includes('RateLimitError')) return new Release(rateLimitMs, 'the processor reached a rate limit')
  const moved = names.find((name) => MOVED.has(name))
  if (moved === undefined) return thrown
  const first = moved === 'DelayedError' ? 'job.moveToDelayed(timestamp, token)' : 'job.moveToWait(token)'
  return new IsobarError(
    'NOT_MOVED',
    `job ${job.name} (id ${job.id}, queue ${job.queueName}) threw ${moved} and was not moved; await ${first} first`,
    {
      cause: thrown,
    },
  )
}

function toRelease(movedTo: number): Release {
  // A timestamp that is none is long past.
  return new Release(Math.max(0, movedTo - Date.now() || 0), 'the processor moved its job')
}

/** The name of an error and of the classes it is made of: the processor's copy of BullMQ may be another. */
function namesOf(error: Error): readonly string[] {
  const names = [error.name]
  for (let at: unknown = Object.getPrototypeOf(error); at instanceof Error; at = Object.getPrototypeOf(at))
    names.push(at.constructor.name)
  return names
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
