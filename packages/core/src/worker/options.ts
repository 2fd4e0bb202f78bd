import { type Clock, systemClock } from '../clock.ts'
import { type Duration, MAX_TIMER_MS, toMs } from '../duration.ts'
import { OptionError } from '../errors.ts'
import type { MemoryReading } from './memory-reading.ts'
import type { LeakEstimate } from './sentinel.ts'

/** How long a job is leased by default, in ms. A lost machine's jobs come back after that. */
export const DEFAULT_LEASE_MS = 30_000

/** How long running jobs have by default when a worker stops, in ms. */
export const DEFAULT_STOP_GRACE_MS = 30_000

/** How long an aborted job has when a worker stops, before it is given up, in ms. */
export const DEFAULT_ABORT_GRACE_MS = 1_000

/** Leases that a job may lose, or workers it may take down, before it is dead. */
export const DEFAULT_MAX_CRASHES = 5

/** How often the depth and age of the queues are looked at by default, in ms. */
export const DEFAULT_STATS_MS = 5_000

/** What a platform knows of the memory of a worker's process. */
export interface MemoryProbe {
  /** Reads it now. */
  read(): MemoryReading
  /** What the jobs of this process leave behind; an executor with isolates knows that itself. */
  leaks?(): readonly LeakEstimate[]
}

/** A queue that a worker reads. */
export interface WorkerQueue {
  readonly name: string
  /** At most this many of its jobs at once in this worker. Default: no limit of its own. */
  readonly concurrency?: number
  /**
   * How often it is read first, beside the weights of the others: a number above 0. Without any weight queues are read
   * in the order in which they are named; with one, those that have none weigh 1.
   */
  readonly weight?: number
}

/** Options of `createWorker`. */
export interface WorkerOptions {
  /** In the order in which they are read: what is named first goes first, unless there are weights. */
  readonly queues: readonly (string | WorkerQueue)[]
  /** Tells workers apart in logs and statuses. Default `worker-` and a random part. */
  readonly id?: string
  /** How long a job is leased; extended three times a lease while it runs. Default 30 s, at most 24 days. */
  readonly lease?: Duration
  /** Times a job may lose its worker or lease before it is dead with reason `crashed`. Default 5. */
  readonly maxCrashes?: number
  /** Called once when the executor says that it should be replaced: half of its slots are abandoned. */
  readonly onUnhealthy?: () => void
  /** How often the depth and age of the queues are looked at, for `health` and `desired`; false for never. Default 5 s. */
  readonly statsEvery?: Duration | false
  /** Reads the memory of the worker's process, for `health`. Default: nobody does. */
  readonly memory?: MemoryProbe
  /** Default: the runtime's own. */
  readonly clock?: Clock
}

/** `WorkerOptions` with every default filled in. */
export interface WorkerSettings {
  readonly queues: readonly WorkerQueue[]
  readonly id: string
  readonly leaseMs: number
  readonly maxCrashes: number
  readonly onUnhealthy: (() => void) | undefined
  /** 0 for never. */
  readonly statsMs: number
  readonly memory: MemoryProbe | undefined
  readonly clock: Clock
}

/** Options of `worker.stop`. */
export interface StopOptions {
  /** How long running jobs may go on. Default 30 s. After that their signals abort and they go back to their queues. */
  readonly grace?: Duration
  /** How long an aborted job may take to end before it is given up. Default 1 s. */
  readonly abortGrace?: Duration
}

/** How a worker stopped. */
export interface StopReport {
  /** Jobs that were running at the deadline and were aborted. */
  readonly aborted: number
  /** Outcomes that the broker could not be told: those jobs come back when their leases end. */
  readonly unsettled: number
}

/**
 * Fills in the defaults.
 * @throws {OptionError} when there is no queue to read or one twice, or a number that cannot be.
 */
export function toWorkerSettings(options: WorkerOptions): WorkerSettings {
  const { id = `worker-${crypto.randomUUID().slice(0, 8)}`, lease = DEFAULT_LEASE_MS, clock = systemClock } = options
  const { maxCrashes = DEFAULT_MAX_CRASHES, onUnhealthy, statsEvery = DEFAULT_STATS_MS, memory } = options
  const queues = options.queues.map((queue) => (typeof queue === 'string' ? { name: queue } : queue))
  if (queues.length === 0) throw new OptionError('a worker needs at least one queue to read')
  const names = new Set<string>()
  for (const { name, concurrency, weight } of queues) {
    if (names.has(name)) throw new OptionError(`queue ${name} is named twice; name it once`)
    names.add(name)
    if (concurrency !== undefined) assertWhole(concurrency, `concurrency of queue ${name}`)
    if (weight !== undefined && !(Number.isFinite(weight) && weight > 0))
      throw new OptionError(`weight of queue ${name} is ${weight} and must be a finite number above 0`)
  }
  assertWhole(maxCrashes, 'maxCrashes')
  const leaseMs = toMs(lease)
  if (leaseMs === 0 || leaseMs > MAX_TIMER_MS) throw new OptionError('lease must be more than 0 and at most 24 days')
  const statsMs = statsEvery === false ? 0 : Math.min(toMs(statsEvery), MAX_TIMER_MS)
  return { queues, id, leaseMs, maxCrashes, onUnhealthy, statsMs, memory, clock }
}

function assertWhole(value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new OptionError(`${name} is ${value} and must be a whole number of at least 1`)
}
