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
import { assertSchema } from './identifiers.ts'

/** The schema that a broker keeps its tables in by default. */
export const DEFAULT_SCHEMA = 'isobar'

/** Connections that a broker opens at most by default: to claim, to settle, to extend, to listen, and two to spare. */
export const DEFAULT_CONNECTIONS = 6

/** How long a statement may take by default, in ms. */
export const DEFAULT_STATEMENT_TIMEOUT_MS = 30_000

/** Bytes of one job's data by default. */
export const DEFAULT_MAX_BYTES = 1_000_000

/** Jobs in one `send` or `settle`: `send` divides them into statements itself, in one transaction. */
export const MAX_BATCH = 50_000

/** How long an idle worker waits at most between two looks when it hears of new jobs, and when it does not, in ms. */
export const DEFAULT_POLL_MS: { readonly listening: number; readonly deaf: number } = { listening: 5_000, deaf: 250 }

/** Options of `postgres` and `embedded`. */
export interface PostgresOptions {
  /** Where the tables are: letters, digits and `_`. Default `isobar`. */
  readonly schema?: string
  /**
   * Whether to create and update the tables when the broker is first used. Default true. With false a schema of another
   * version is an error; `isobar migrate` then brings it up to date.
   */
  readonly migrate?: boolean
  /**
   * How long `get` still knows jobs that are done or cancelled, with their results. Default 0: not at all. All brokers
   * of a schema are to say the same.
   */
  readonly retain?: Duration
  /** How long the log of executions is kept: one row for each time a handler ran. Default 0: none is written. */
  readonly log?: Duration
  /** Bytes of one job's data as JSON. Default 1 mb. */
  readonly maxBytes?: Size
  /** How long a statement may take. Default 30 s. */
  readonly statementTimeout?: Duration
  /** Whether to hear of new jobs by LISTEN, besides polling. Others are notified all the same. Default true. */
  readonly listen?: boolean
  /**
   * How long an idle worker waits at most between two looks. Default 5 s while LISTEN works, 250 ms while it does not.
   * It starts with short waits and looks when the next delayed job is due.
   */
  readonly poll?: Duration
  /** As it appears in errors and logs. Default `postgres`, or `embedded`. */
  readonly name?: string
  /** Told what an operator should know and nothing fails of, such as a LISTEN that does not work. Default: `console.warn`. */
  readonly onNotice?: (message: string) => void
}

/** `PostgresOptions` with every default filled in. */
export interface PostgresSettings {
  readonly name: string
  readonly schema: string
  readonly migrate: boolean
  readonly retainMs: number
  readonly logMs: number
  readonly statementTimeoutMs: number
  readonly listen: boolean
  readonly pollMs: number | undefined
  readonly onNotice: (message: string) => void
  readonly can: Capabilities
}

/**
 * Fills in the defaults.
 * @throws {OptionError} for a schema that is not a plain name, or a limit that cannot be.
 */
export function toSettings(options: PostgresOptions, defaultName: string): PostgresSettings {
  const { name = defaultName, schema = DEFAULT_SCHEMA, migrate = true, listen = true } = options
  const { onNotice = (message: string) => console.warn(`isobar: ${message}`) } = options
  assertSchema(schema)
  const statementTimeoutMs = toMs(options.statementTimeout ?? DEFAULT_STATEMENT_TIMEOUT_MS)
  const maxBytes = toBytes(options.maxBytes ?? DEFAULT_MAX_BYTES)
  if (!(statementTimeoutMs > 0)) throw new OptionError('statementTimeout must be more than 0')
  if (!(maxBytes >= 1)) throw new OptionError('maxBytes must be at least 1')
  return {
    name,
    schema,
    migrate,
    listen,
    onNotice,
    statementTimeoutMs,
    retainMs: toMs(options.retain ?? 0),
    logMs: toMs(options.log ?? 0),
    pollMs: options.poll === undefined ? undefined : Math.min(MAX_TIMER_MS, Math.max(1, toMs(options.poll))),
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
