import type { Capabilities } from '../broker.ts'
import { type Clock, systemClock } from '../clock.ts'
import { type Size, toBytes } from '../duration.ts'
import { OptionError } from '../errors.ts'
import { DEFAULT_MAX_BYTES } from '../job.ts'
import { MAX_DELAY_MS } from '../retry.ts'

/** Queued and running jobs that a memory broker takes by default, and as many window records of keys. */
export const DEFAULT_MAX_JOBS = 1_000_000

/** Dead letters at which a memory broker takes no more jobs, by default. */
export const DEFAULT_MAX_DEAD = 100_000

/** Finished jobs that a memory broker remembers for `get`, by default. */
export const DEFAULT_RETAIN = 1_000

/** Jobs in one `send`, `receive` or `settle` of a memory broker. */
export const MEMORY_MAX_BATCH = 1_000

/** Options of `createMemoryBroker`. */
export interface MemoryBrokerOptions {
  /** Where time comes from. Default: the runtime's clock. */
  readonly clock?: Clock
  /** Queued and running jobs in all; `send` refuses more with `BROKER_FULL`. Also the limit of keys held by a window. Default 1,000,000. */
  readonly maxJobs?: number
  /** Bytes of one job's data as JSON. Default 1 mb. */
  readonly maxBytes?: Size
  /** Done and cancelled jobs that `get` still knows, oldest out first. Default 1,000. */
  readonly retain?: number
  /**
   * Dead letters from which on `send` refuses new jobs with `BROKER_FULL`, until some are redriven or discarded.
   * Default 100,000. No dead letter is ever dropped: a job already taken in becomes one even then.
   */
  readonly maxDead?: number
  /** As it appears in errors and logs. Default `memory`. */
  readonly name?: string
}

/** `MemoryBrokerOptions` with every default filled in. */
export interface MemoryLimits {
  readonly name: string
  readonly clock: Clock
  readonly can: Capabilities
  readonly maxJobs: number
  readonly maxDead: number
  readonly retain: number
}

function whole(value: number, name: string, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new OptionError(`${name} ${value} of the memory broker must be a whole number of at least ${least}`)
}

/**
 * Fills in the defaults.
 * @throws {OptionError} for a limit that is not a whole number of at least 1 (`retain`: 0).
 */
export function toMemoryLimits(options: MemoryBrokerOptions): MemoryLimits {
  const { name = 'memory', clock = systemClock, maxBytes = DEFAULT_MAX_BYTES } = options
  return {
    name,
    clock,
    maxJobs: whole(options.maxJobs ?? DEFAULT_MAX_JOBS, 'maxJobs', 1),
    maxDead: whole(options.maxDead ?? DEFAULT_MAX_DEAD, 'maxDead', 1),
    retain: whole(options.retain ?? DEFAULT_RETAIN, 'retain', 0),
    can: Object.freeze({
      delay: true,
      priority: 'exact',
      release: 'free',
      dedupe: true,
      extend: true,
      atomicEnqueue: true,
      deadLetter: true,
      stats: true,
      lookup: true,
      pause: true,
      progress: true,
      maxBatch: MEMORY_MAX_BATCH,
      maxBytes: whole(toBytes(maxBytes), 'maxBytes', 1),
      maxDelayMs: MAX_DELAY_MS,
    }),
  }
}
