import type { HandlerJob } from '../replay/contract.ts'
import { StandInError } from './stand-in-error.ts'
import { throughJson } from './through-json.ts'

export { StandInError } from './stand-in-error.ts'

/** Does something with a PostgreSQL client, as graphile-worker's helper of this name. */
// biome-ignore lint/suspicious/noExplicitAny: the type of the client is that of the task's own pg
export type WithPgClient = <T>(callback: (client: any) => Promise<T>) => Promise<T>

/** The job that a task finds in its helpers, as graphile-worker's table has it. */
export interface GraphileWorkerJob {
  readonly id: string
  readonly task_identifier: string
  readonly task_id: number
  readonly job_queue_id: number | null
  readonly payload: unknown
  readonly priority: number
  readonly run_at: Date
  /** Attempts, this one included. */
  readonly attempts: number
  readonly max_attempts: number
  readonly last_error: string | null
  readonly created_at: Date
  readonly updated_at: Date
  readonly key: string | null
  readonly revision: number
  readonly locked_at: Date | null
  readonly locked_by: string | null
  readonly flags: Readonly<Record<string, true>> | null
  readonly is_available: boolean
}

/** What a task calls to log: nothing is written. */
export interface SilentLogger {
  error(message: string, meta?: unknown): void
  warn(message: string, meta?: unknown): void
  info(message: string, meta?: unknown): void
  debug(message: string, meta?: unknown): void
  scope(scope: unknown): SilentLogger
}

/** What a task is given beside its payload. */
export interface GraphileWorkerHelpers {
  readonly job: GraphileWorkerJob
  readonly logger: SilentLogger
  readonly withPgClient: WithPgClient & { readonly withRetries: WithPgClient }
  // biome-ignore lint/suspicious/noExplicitAny: the type of a row is the query's to say
  query(text: string, values?: unknown[]): Promise<any>
  addJob(identifier: string, payload?: unknown, spec?: unknown): Promise<GraphileWorkerJob>
  addJobs(specs: readonly { readonly identifier: string; readonly payload?: unknown }[]): Promise<GraphileWorkerJob[]>
  getQueueName(queueId?: number | null): string | null
  /** One for all jobs, as in graphile-worker: a listener that is left on it stays. */
  readonly abortSignal: AbortSignal
  readonly abortPromise: Promise<void>
}

/** A graphile-worker task. */
// biome-ignore lint/suspicious/noExplicitAny: the type of the payload is the task's to say
export type GraphileWorkerTask<Payload = any, Helpers = GraphileWorkerHelpers> = (
  payload: Payload,
  helpers: Helpers,
) => unknown

/** What `fromGraphileWorker` takes beside the task. */
export interface GraphileWorkerOptions {
  /** Gives a task that needs PostgreSQL a client, such as of a pool of a test database. Default: none. */
  readonly withPgClient?: WithPgClient
}

/** The default of graphile-worker. */
const MAX_ATTEMPTS = 25

const logger: SilentLogger = { error() {}, warn() {}, info() {}, debug() {}, scope: () => logger }

/**
 * Makes a handler for the harness of a graphile-worker task as it stands. Each call gets the payload and helpers for a
 * stand-in job. `logger` writes nothing. `addJob` and `addJobs` answer with the job that would have been added and
 * keep nothing: follow-up jobs are not replayed. `withPgClient` and `query` throw a `StandInError` unless the option
 * `withPgClient` gives them a client. Of a batch job, one entry that is rejected fails it.
 * @throws {TypeError} when the task is not a function.
 *
 * @example
 * export default fromGraphileWorker(async (payload, { logger }) => {
 *   logger.info('sending')
 *   await sendMail(payload)
 * })
 */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function fromGraphileWorker<Payload = any, Helpers = GraphileWorkerHelpers>(
  task: GraphileWorkerTask<Payload, Helpers>,
  options: GraphileWorkerOptions = {},
): (job: HandlerJob) => Promise<unknown> {
  if (typeof task !== 'function')
    throw new TypeError(
      `fromGraphileWorker was given ${task === null ? 'null' : `a value of type ${typeof task}`}; give it the task, a function of a payload`,
    )
  const shared = sharedHelpers(options)
  return async ({ id, name, data, attempt }) => {
    const payload = throughJson(data)
    const job = toRow(id, name, payload, attempt)
    const answer = await task(payload as Payload, { ...shared, job } as Helpers)
    if (Array.isArray(payload) && Array.isArray(answer)) await allOf(answer)
    return answer
  }
}

function sharedHelpers({ withPgClient: given }: GraphileWorkerOptions): Omit<GraphileWorkerHelpers, 'job'> {
  const refuse = (what: string): Promise<never> =>
    Promise.reject(
      new StandInError(`helpers.${what}()`, 'a PostgreSQL database', 'give fromGraphileWorker a withPgClient for one'),
    )
  const withPgClient: WithPgClient = given ?? (() => refuse('withPgClient'))
  const addJob = async (identifier: string, payload: unknown = {}): Promise<GraphileWorkerJob> =>
    toRow('0', identifier, throughJson(payload), 0)
  return {
    logger,
    withPgClient: Object.assign(<T>(callback: (client: unknown) => Promise<T>) => withPgClient(callback), {
      withRetries: withPgClient,
    }),
    query: (text, values) =>
      given === undefined ? refuse('query') : given((client) => client.query(text, values) as Promise<unknown>),
    addJob,
    addJobs: (specs) => Promise.all(specs.map(({ identifier, payload }) => addJob(identifier, payload))),
    getQueueName: () => null,
    abortSignal: new AbortController().signal,
    abortPromise: new Promise(() => {}),
  }
}

function toRow(id: string, name: string, payload: unknown, attempts: number): GraphileWorkerJob {
  const now = new Date()
  const isRunning = attempts > 0
  return {
    id,
    task_identifier: name,
    task_id: 1,
    job_queue_id: null,
    payload,
    priority: 0,
    run_at: now,
    attempts,
    max_attempts: MAX_ATTEMPTS,
    last_error: null,
    created_at: now,
    updated_at: now,
    key: null,
    revision: 0,
    locked_at: isRunning ? now : null,
    locked_by: isRunning ? 'leak-harness' : null,
    flags: null,
    is_available: !isRunning,
  }
}

/** All of a batch is done before its job is, also where one entry fails. */
async function allOf(entries: readonly unknown[]): Promise<void> {
  const rejected = (await Promise.allSettled(entries)).filter((entry) => entry.status === 'rejected')
  if (rejected.length === 0) return
  const reasons = rejected.map(({ reason }) => (reason instanceof Error ? reason.message : String(reason)))
  throw new Error(`${rejected.length} of ${entries.length} entries of the batch failed: ${reasons.join('; ')}`)
}
