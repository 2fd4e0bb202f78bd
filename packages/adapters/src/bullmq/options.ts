import {
  type Capabilities,
  type Duration,
  MAX_DELAY_MS,
  MAX_TIMER_MS,
  OptionError,
  type Size,
  toBytes,
  toMs,
} from '@isobar/core'
import { checkPriorities, DEFAULT_PRIORITIES, type Priorities } from './priorities.ts'

/** What all keys start with by default, as in BullMQ. */
export const DEFAULT_PREFIX = 'bull'

/** How long a command may take by default, in ms. */
export const DEFAULT_COMMAND_TIMEOUT_MS = 10_000

/** How long a broker that is disposed waits for commands that are under way, in ms. */
export const DEFAULT_CLOSE_TIMEOUT_MS = 2_000

/** How long an idle worker waits at most between two looks, in ms, as in BullMQ: new jobs are heard of at once. */
export const DEFAULT_POLL_MS = 5_000

/** Bytes of one job's data by default. */
export const DEFAULT_MAX_BYTES = 1_000_000

/** Jobs in one `send` or `settle`: a script runs alone, and others wait for it. */
export const MAX_BATCH = 2_000

/** Options of `bullmq`. */
export interface BullmqOptions {
  /** What all keys start with. Default `bull`. With a hash tag, as `{bull}`, all queues are in one slot of a cluster. */
  readonly prefix?: string
  /**
   * How long `get` still knows jobs that are done or cancelled, with their results. Default 0: not at all. A job whose
   * producer set BullMQ's `removeOnComplete` keeps to that.
   */
  readonly retain?: Duration
  /**
   * BullMQ's number for each priority. Default `{ high: 0, normal: 1024, low: 2048 }`. BullMQ hands out 0 first, which is
   * what a job of an ordinary producer without a priority has: beside isobar's jobs it ranks as `high`.
   */
  readonly priorities?: Priorities
  /** Bytes of one job's data as JSON. Default 1 mb. */
  readonly maxBytes?: Size
  /** How long a command may take. Default 10 s. */
  readonly commandTimeout?: Duration
  /** How long a broker that is disposed waits for commands that are under way. Default 2 s. */
  readonly closeTimeout?: Duration
  /**
   * How long an idle worker waits at most between two looks. Default 5 s. It hears of new jobs at once, and looks when the
   * next delay or lease ends.
   */
  readonly poll?: Duration
  /** As it appears in errors and logs. Default `bullmq`. */
  readonly name?: string
  /** Told what an operator should know and nothing fails of, such as a Redis that evicts keys. Default: `console.warn`. */
  readonly onNotice?: (message: string) => void
}

/** `BullmqOptions` with every default filled in. */
export interface BullmqSettings {
  readonly name: string
  readonly prefix: string
  readonly retainMs: number
  readonly priorities: Priorities
  readonly commandTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly pollMs: number
  readonly onNotice: (message: string) => void
  readonly can: Capabilities
}

/**
 * Fills in the defaults.
 * @throws {OptionError} for a prefix or a limit that cannot be.
 */
export function toSettings(options: BullmqOptions): BullmqSettings {
  const { name = 'bullmq', prefix = DEFAULT_PREFIX, priorities = DEFAULT_PRIORITIES } = options
  const { onNotice = (message: string) => console.warn(`isobar: ${message}`) } = options
  const maxBytes = toBytes(options.maxBytes ?? DEFAULT_MAX_BYTES)
  const commandTimeoutMs = toMs(options.commandTimeout ?? DEFAULT_COMMAND_TIMEOUT_MS)
  if (prefix === '') throw new OptionError('prefix must not be empty')
  if (!(maxBytes >= 1)) throw new OptionError('maxBytes must be at least 1')
  if (!(commandTimeoutMs >= 1)) throw new OptionError('commandTimeout must be more than 0')
  return {
    name,
    prefix,
    priorities: checkPriorities(priorities),
    retainMs: toMs(options.retain ?? 0),
    commandTimeoutMs: Math.min(MAX_TIMER_MS, commandTimeoutMs),
    closeTimeoutMs: Math.min(MAX_TIMER_MS, toMs(options.closeTimeout ?? DEFAULT_CLOSE_TIMEOUT_MS)),
    pollMs: Math.min(MAX_TIMER_MS, Math.max(1, toMs(options.poll ?? DEFAULT_POLL_MS))),
    onNotice,
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
      maxBatch: MAX_BATCH,
      maxBytes,
      maxDelayMs: MAX_DELAY_MS,
    }),
  }
}
