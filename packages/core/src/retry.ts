import { type Duration, toMs } from './duration.ts'
import { IsobarError, type IsobarErrorOptions, OptionError } from './errors.ts'

/** Attempts a job has by default, the first one included. */
export const DEFAULT_ATTEMPTS = 5

/** First delay of the default backoff, in ms. */
export const DEFAULT_BACKOFF_BASE_MS = 2_000

/** Longest delay of the default backoff, in ms. */
export const DEFAULT_BACKOFF_MAX_MS = 300_000

/** The longest delay a backoff may ask for, in ms (a year): anything longer is a mistake. */
export const MAX_DELAY_MS: number = 31_536_000_000

/** A backoff as plain data, so that it can be sent to another process. */
export type BackoffData =
  | {
      readonly kind: 'exponential'
      readonly baseMs: number
      readonly maxMs: number
      readonly factor: number
      readonly jitter: boolean
    }
  | { readonly kind: 'fixed'; readonly delayMs: number }

/** How long to wait before the next attempt: data, or a function of the attempt that failed (1 = the first) and its error. */
export type Backoff = BackoffData | ((attempt: number, error: unknown) => Duration)

/** How often a job is tried, and how long apart. */
export interface RetryOptions {
  /** Attempts in all, the first one included. Default 5. */
  readonly attempts?: number
  /** Delay between attempts. Default: exponential with full jitter, 2 s, 4 s, 8 s … at most 300 s. */
  readonly backoff?: Backoff
}

/** `RetryOptions` with every default filled in. */
export interface RetryPolicy {
  readonly attempts: number
  readonly backoff: Backoff
}

/** Options of `exponential`. */
export interface ExponentialOptions {
  /** Delay after the first failure, before jitter. Default 2 s. */
  readonly base?: Duration
  /** Cap of the delay. Default 300 s. */
  readonly max?: Duration
  /** Growth from one attempt to the next. Default 2. */
  readonly factor?: number
  /** Full jitter: a random delay between 0 and the computed one, so that failures do not come back together. Default true. */
  readonly jitter?: boolean
}

/**
 * Exponential backoff with a cap and, by default, full jitter.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function exponential(options: ExponentialOptions = {}): BackoffData {
  const { base = DEFAULT_BACKOFF_BASE_MS, max = DEFAULT_BACKOFF_MAX_MS, factor = 2, jitter = true } = options
  if (!(factor >= 1)) throw new OptionError(`backoff factor ${factor} must be at least 1`)
  return { kind: 'exponential', baseMs: toMs(base), maxMs: toMs(max), factor, jitter }
}

/** The same delay before every attempt. */
export function fixed(delay: Duration): BackoffData {
  return { kind: 'fixed', delayMs: toMs(delay) }
}

/** The backoff of job types that name none. */
export const DEFAULT_BACKOFF: BackoffData = /* @__PURE__ */ exponential()

/**
 * Fills in the defaults.
 * @throws {OptionError} when `attempts` is not a whole number of at least 1.
 */
export function toRetryPolicy(options: RetryOptions = {}): RetryPolicy {
  const { attempts = DEFAULT_ATTEMPTS, backoff = DEFAULT_BACKOFF } = options
  if (!Number.isInteger(attempts) || attempts < 1)
    throw new OptionError(`retry.attempts ${attempts} must be a whole number of at least 1`)
  return { attempts, backoff }
}

/**
 * The delay in ms before the attempt that follows `attempt`. A backoff function that throws or returns nonsense falls
 * back to the default backoff: a mistake there must not lose the job.
 */
export function delayAfter(
  backoff: Backoff,
  attempt: number,
  error: unknown,
  random: () => number = Math.random,
): number {
  if (typeof backoff === 'function') {
    try {
      return Math.min(toMs(backoff(attempt, error)), MAX_DELAY_MS)
    } catch {
      return delayAfter(DEFAULT_BACKOFF, attempt, error, random)
    }
  }
  if (backoff.kind === 'fixed') return Math.min(backoff.delayMs, MAX_DELAY_MS)
  // A large power is infinite, and nothing times infinity is not a number.
  const grown = backoff.baseMs && backoff.baseMs * backoff.factor ** (attempt - 1)
  const full = Math.min(backoff.maxMs, grown, MAX_DELAY_MS)
  return Math.round(backoff.jitter ? full * random() : full)
}

/** An error that says when its job is to be handed out again. */
class DelayError extends IsobarError {
  /** The delay in ms. */
  readonly delayMs: number

  constructor(code: string, delay: Duration, message: string | undefined, options?: IsobarErrorOptions) {
    const delayMs = Math.min(toMs(delay), MAX_DELAY_MS)
    super(code, message ?? `the handler put its job back for ${delayMs} ms`, options)
    this.delayMs = delayMs
  }
}

/** Throw it to have the job tried again after exactly this delay. Charged: it costs an attempt. */
export class RetryAfter extends DelayError {
  constructor(delay: Duration, message?: string, options?: IsobarErrorOptions) {
    super('RETRY_AFTER', delay, message, options)
  }
}

/** Throw it to put the job back without charging an attempt, as when a limit is reached that has nothing to do with it. */
export class Release extends DelayError {
  constructor(delay: Duration = 0, message?: string) {
    super('RELEASE', delay, message)
  }
}
