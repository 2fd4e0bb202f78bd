import { hostname } from 'node:os'
import { pid } from 'node:process'
import { type Duration, definePlugin, type Hook, OptionError, type Plugin, toMs } from '@isobar/core'
import { DEFAULT_GATHER_MS, type JobWatchError, Outbox, type WatchStats } from './outbox.ts'
import {
  OPTIONAL_FIELDS,
  type StatusFields,
  type TrackedJob,
  toSettled,
  toStarted,
  toTracked,
} from './status-fields.ts'
import type { WatchClient, WatchTransaction } from './watch-client.ts'

/** What the key of a job's hash starts with by default; its id follows. */
export const DEFAULT_STATUS_PREFIX = 'isobar:job:'

/** How long a job's hash is kept after its last change by default, in ms. */
export const DEFAULT_STATUS_TTL_MS = 3_600_000

/** The longest time a job's hash can be kept, in ms (a week): it is for watching, not for keeping books. */
export const MAX_STATUS_TTL_MS = 604_800_000

/** Options of `readJobStatus`. */
export interface ReadStatusOptions {
  /** What keys start with; the job's id follows. Default `isobar:job:`. */
  readonly prefix?: string
}

/** Options of `jobStatus`. */
export interface JobStatusOptions extends ReadStatusOptions {
  /**
   * Where the hashes are: the URL of a Redis, for a connection of its own that `dispose` closes; or a client of ioredis,
   * which stays yours. Not a client for a Redis Cluster.
   */
  readonly connection: string | URL | WatchClient
  /** Who runs the jobs: give it the `id` of the worker. Default: host and process. */
  readonly worker?: string
  /** How long a hash is kept after its last change. Default 1 h, at most a week. */
  readonly ttl?: Duration
  /** How long changes are gathered before they are written together. Default 50 ms. */
  readonly every?: Duration
  /** Hears of the first failure, and of the first after it has worked again. Default: `console.error`, the message alone. */
  readonly onError?: (error: JobWatchError) => unknown
}

/** Tells the state of jobs in Redis. */
export interface JobStatusTracker extends Plugin, AsyncDisposable {
  /** Its observers, for where there is no app: `serve(url, { on: status.on })`. */
  readonly on: { readonly start: Hook<'start'>; readonly settle: Hook<'settle'> }
  /** What a job's hash says; undefined when there is none (any more). */
  read(id: string): Promise<TrackedJob | undefined>
  stats(): WatchStats
  /** Writes what is still to be written, within 2 s, and closes the connection if it is its own. Twice is fine. */
  dispose(): Promise<void>
}

/**
 * Keeps the state of each job in a Redis hash, `isobar:job:<id>`, for dashboards to watch live: status, name, queue,
 * attempt, worker, startedAt, endedAt, durationMs, error and reason. It is told by the worker's hooks and works with any
 * broker. Several workers may write; what was written last stands. A hash ends by itself.
 *
 * Changes are gathered and written together, of each job the latest. No job waits for Redis: a state that cannot be
 * written is dropped and counted.
 *
 * @example
 * const status = jobStatus({ connection: process.env.REDIS_URL, worker: id })
 * await serve(new URL('./app.ts', import.meta.url), { broker, id, on: status.on, onStop: () => status.dispose() })
 *
 * @throws {OptionError} without a connection, or for a ttl of none or more than a week.
 */
export function jobStatus(options: JobStatusOptions): JobStatusTracker {
  const { connection, worker = thisWorker(), prefix = DEFAULT_STATUS_PREFIX } = options
  const { onError = ({ message }) => console.error(`isobar: ${message}`) } = options
  const ttlMs = toMs(options.ttl ?? DEFAULT_STATUS_TTL_MS)
  if (ttlMs === 0 || ttlMs > MAX_STATUS_TTL_MS)
    throw new OptionError(`ttl of ${ttlMs} ms must be more than 0 and at most a week`)
  const everyMs = toMs(options.every ?? DEFAULT_GATHER_MS)
  const outbox = new Outbox<StatusFields>({
    what: 'status',
    connection,
    everyMs,
    onError,
    write: (transaction, key, fields) => writeStatus(transaction, key, fields, ttlMs),
  })
  const on: JobStatusTracker['on'] = {
    start: (event) => outbox.put(prefix + event.job.id, () => toStarted(event, worker)),
    settle: (event) => outbox.put(prefix + event.job.id, () => toSettled(event, worker)),
  }
  const plugin = definePlugin({
    name: 'job-status',
    setup(app) {
      app.hook('start', on.start)
      app.hook('settle', on.settle)
    },
  })
  const dispose = (): Promise<void> => outbox[Symbol.asyncDispose]()
  return Object.freeze({
    ...plugin,
    on,
    read: async (id: string) => readJobStatus(await outbox.client(), id, { prefix }),
    stats: () => outbox.stats(),
    dispose,
    [Symbol.asyncDispose]: dispose,
  })
}

/**
 * What a job's hash says; undefined when there is none (any more).
 *
 * @example
 * const job = await readJobStatus(new Redis(), '42')
 */
export async function readJobStatus(
  client: Pick<WatchClient, 'hgetall'>,
  id: string,
  { prefix = DEFAULT_STATUS_PREFIX }: ReadStatusOptions = {},
): Promise<TrackedJob | undefined> {
  return toTracked(id, await client.hgetall(prefix + id))
}

function writeStatus(transaction: WatchTransaction, key: string, fields: StatusFields, ttlMs: number): void {
  transaction.hset(key, fields)
  const gone = OPTIONAL_FIELDS.filter((field) => !(field in fields))
  if (gone.length > 0) transaction.hdel(key, ...gone)
  transaction.pexpire(key, ttlMs)
}

/** Host and process. Deno tells the host by permission only. */
function thisWorker(): string {
  try {
    return `${hostname()}-${pid}`
  } catch {
    return `host-${pid}`
  }
}
