import { type Duration, definePlugin, type Hook, type HookEvents, OptionError, type Plugin, toMs } from '@isobar/core'
import { toJobKey } from './keys.ts'
import { DEFAULT_PREFIX } from './options.ts'
import { DEFAULT_GATHER_MS, type JobWatchError, Outbox, type WatchStats } from './outbox.ts'
import type { WatchClient } from './watch-client.ts'

/** Rows that are kept of a job by default: the latest. */
export const DEFAULT_KEPT_ROWS = 100

/** Longest row that is kept, in characters. */
const MAX_ROW = 4_096

/** A job that is gone has no log: its rows would stay for ever. */
const APPEND = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('RPUSH', KEYS[2], unpack(ARGV, 2))
redis.call('LTRIM', KEYS[2], -ARGV[1], -1)
return 1
`

/** Options of `jobLogs`. */
export interface JobLogsOptions {
  /**
   * Where the queues are: the URL of their Redis, for a connection of its own that `dispose` closes; or a client of
   * ioredis, which stays yours. Not a client for a Redis Cluster.
   */
  readonly connection: string | URL | WatchClient
  /** What the keys of the queues start with: as the broker has it. Default `bull`. */
  readonly prefix?: string
  /** Rows that are kept of a job: the latest. Default 100. */
  readonly keep?: number
  /** How long rows are gathered before they are written together. Default 50 ms. */
  readonly every?: Duration
  /** Hears of the first failure, and of the first after it has worked again. Default: `console.error`, the message alone. */
  readonly onError?: (error: JobWatchError) => unknown
}

/** Passes what jobs log on to BullMQ. */
export interface JobLogs extends Plugin, AsyncDisposable {
  /** Its observer, for where there is no app: `serve(url, { on: logs.on })`. */
  readonly on: { readonly log: Hook<'log'> }
  stats(): WatchStats
  /** Writes what is still to be written, within 2 s, and closes the connection if it is its own. Twice is fine. */
  dispose(): Promise<void>
}

/**
 * Passes what jobs write to `ctx.log`, or to `job.log` of a processor, on to where BullMQ keeps it, so that
 * `queue.getJobLogs(id)` and dashboards show it. A row goes with its job. It works as `jobStatus` does: no job waits
 * for Redis, and what cannot be written is dropped and counted.
 *
 * @example
 * const logs = jobLogs({ connection: process.env.REDIS_URL })
 * await serve(app, { broker: bullmq(process.env.REDIS_URL), on: logs.on, onStop: () => logs.dispose() })
 *
 * @throws {OptionError} without a connection, or when `keep` is no whole number from 1 to 5,000.
 */
export function jobLogs(options: JobLogsOptions): JobLogs {
  const { connection, prefix = DEFAULT_PREFIX, keep = DEFAULT_KEPT_ROWS } = options
  const { onError = ({ message }) => console.error(`isobar: ${message}`) } = options
  // Lua unpacks no more than some 8,000 values.
  if (!Number.isInteger(keep) || keep < 1 || keep > 5_000)
    throw new OptionError(`keep of ${keep} rows must be a whole number from 1 to 5,000`)
  const outbox = new Outbox<string[]>({
    what: 'log',
    connection,
    everyMs: toMs(options.every ?? DEFAULT_GATHER_MS),
    onError,
    write: (transaction, key, rows) => void transaction.eval(APPEND, 2, key, `${key}:logs`, keep, ...rows),
  })
  const log: Hook<'log'> = (event) => {
    const row = toRow(event)
    outbox.put(`${prefix}:${event.job.queue}:${toJobKey(event.job.id).id}`, (rows = []) => {
      rows.push(row)
      if (rows.length > keep) rows.shift()
      return rows
    })
  }
  const plugin = definePlugin({ name: 'job-logs', setup: (app) => void app.hook('log', log) })
  const dispose = (): Promise<void> => outbox[Symbol.asyncDispose]()
  return Object.freeze({
    ...plugin,
    on: { log },
    stats: () => outbox.stats(),
    dispose,
    [Symbol.asyncDispose]: dispose,
  })
}

/** The message as it is; before it the level, where it is another than `info`, and after it the fields, where there are any. */
function toRow({ level, message, fields }: HookEvents['log']): string {
  const parts = [level === 'info' ? '' : `[${level}]`, message, toText(fields)]
  return parts.filter(Boolean).join(' ').slice(0, MAX_ROW)
}

/** Fields come from handlers: what JSON cannot write must not fail a hook. */
function toText(fields: object): string {
  if (Object.keys(fields).length === 0) return ''
  try {
    return JSON.stringify(fields)
  } catch {
    return '(fields that could not be written as JSON)'
  }
}
