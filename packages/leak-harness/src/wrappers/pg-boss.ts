import type { HandlerJob } from '../replay/contract.ts'
import { StandInError } from './stand-in-error.ts'
import { throughJson } from './through-json.ts'

export { StandInError } from './stand-in-error.ts'

/** The job that a pg-boss handler is given, in an array: an active one, with its metadata. */
export interface PgBossJob extends Readonly<typeof NONE> {
  readonly id: string
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: the type of a job's data is the handler's to say
  readonly data: any
  readonly expireInSeconds: number
  /** Attempts that were made before this one. */
  readonly retryCount: number
  readonly signal: AbortSignal
  readonly priority: number
  readonly state: 'active'
  readonly policy: 'standard'
  readonly retryLimit: number
  readonly retryDelay: number
  readonly retryBackoff: boolean
  readonly startAfter: Date
  readonly startedOn: Date
  readonly createdOn: Date
  readonly keepUntil: Date
  readonly deleteAfterSeconds: number
}

/** What a transactional handler is given as `tx`: it has no database behind it. */
export interface PgBossTransaction {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
}

/** A pg-boss handler: a function of an array of jobs and, where it is transactional, a transaction. */
export type PgBossHandler<Job = PgBossJob> = (jobs: Job[], tx: PgBossTransaction) => unknown

/** What `fromPgBoss` takes beside the handler. */
export interface PgBossOptions {
  /** The handler answers with what became of each job, as with pg-boss' option of this name. Default false. */
  readonly perJobResults?: boolean
}

/** The defaults of pg-boss' queues. */
const EXPIRE_IN_SECONDS = 900
const RETRY_LIMIT = 2
const DELETE_AFTER_SECONDS = 604_800
const KEEP_MS = 1_209_600_000

/** What is null, or none, of a job that was sent without further ado. */
const NONE = {
  heartbeatSeconds: null,
  heartbeatOn: null,
  groupId: null,
  groupTier: null,
  singletonKey: null,
  singletonOn: null,
  completedOn: null,
  deadLetter: null,
  output: null,
  blocked: false,
  blocking: false,
  pendingDependencies: 0,
  sourceName: null,
  sourceId: null,
  sourceCreatedOn: null,
  sourceRetryCount: null,
  sourceOutput: null,
  sourceRootId: null,
} as const

const transaction: PgBossTransaction = {
  async executeSql() {
    throw new StandInError(
      'tx.executeSql()',
      'a PostgreSQL database',
      'give the handler a stand-in for it, or judge it with a database of its own',
    )
  },
}

/**
 * Makes a handler for the harness of a pg-boss handler as it stands. Each call gets an array with one stand-in job, with
 * the fields that `includeMetadata` adds, and a signal that never aborts. No database is needed; a transactional
 * handler that calls `tx.executeSql` gets a `StandInError`. With `perJobResults`, a job that the handler reports as
 * `failed` or `deadletter`, or leaves out, has failed.
 * @throws {TypeError} when the handler is not a function.
 *
 * @example
 * export default fromPgBoss(async ([job]) => sendMail(job.data))
 */
export function fromPgBoss<Job = PgBossJob>(
  handler: PgBossHandler<Job>,
  { perJobResults = false }: PgBossOptions = {},
): (job: HandlerJob) => Promise<unknown> {
  if (typeof handler !== 'function')
    throw new TypeError(
      `fromPgBoss was given ${handler === null ? 'null' : `a value of type ${typeof handler}`}; give it the handler, a function of an array of jobs`,
    )
  return async (job) => {
    const answer = await handler([toPgBossJob(job) as Job], transaction)
    if (perJobResults) checkResult(answer, job.id)
    return answer
  }
}

function toPgBossJob({ id, name, data, attempt }: HandlerJob): PgBossJob {
  const now = new Date()
  return {
    ...NONE,
    id,
    name,
    data: throughJson(data),
    expireInSeconds: EXPIRE_IN_SECONDS,
    retryCount: attempt - 1,
    // One for each job, as in pg-boss: a listener that is left on it goes with it.
    signal: new AbortController().signal,
    priority: 0,
    state: 'active',
    policy: 'standard',
    retryLimit: RETRY_LIMIT,
    retryDelay: 0,
    retryBackoff: false,
    startAfter: now,
    startedOn: now,
    createdOn: now,
    keepUntil: new Date(now.getTime() + KEEP_MS),
    deleteAfterSeconds: DELETE_AFTER_SECONDS,
  }
}

function checkResult(answer: unknown, id: string): void {
  const results: unknown[] = Array.isArray(answer) ? answer : []
  const result = results.find((one) => (one as { id?: unknown } | null)?.id === id) as { status?: unknown } | undefined
  if (result?.status === 'completed') return
  const status = result === undefined ? 'left out' : `reported as ${String(result.status)}`
  throw new Error(`job ${id} was ${status} by the handler; with perJobResults it must be reported as completed`)
}
