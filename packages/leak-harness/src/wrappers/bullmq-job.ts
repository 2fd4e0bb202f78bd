import type { HandlerJob } from '../replay/contract.ts'
import { StandInError } from './stand-in-error.ts'
import { throughJson } from './through-json.ts'

/** What the stand-in takes from the caller. */
export interface StandInOptions {
  /** Name of the queue that the job says it is from. */
  readonly queueName: string
  /** Options of the job, as they would have been given to `queue.add`. */
  readonly opts: Readonly<Record<string, unknown>>
}

/** The token that a worker would hold the job's lock with. */
export function tokenOf({ id }: HandlerJob): string {
  return `leak-harness:${id}`
}

/** A key that nothing stands behind: the default of BullMQ. */
const PREFIX = 'bull'

/** What counts the children of a job: it has none. */
const NO_CHILDREN = { processed: 0, unprocessed: 0, ignored: 0, failed: 0 } as const

/**
 * The job that a BullMQ processor is called with: an active one, without parent or children, whose lock is held. What
 * can be answered without Redis is; what cannot throws a `StandInError`. It keeps nothing past its job, and of a log
 * only how many rows there are.
 */
export class StandInJob {
  readonly id: string
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: the type of a job's data is the processor's to say
  data: any
  readonly opts: Readonly<Record<string, unknown>>
  progress: unknown = 0
  readonly returnvalue: unknown = null
  /** What a sandboxed processor has in the place of `returnvalue`. */
  readonly returnValue: unknown = {}
  readonly stacktrace: string[] | null = null
  readonly delay: number
  readonly priority: number
  readonly timestamp: number
  readonly processedOn: number
  /** Attempts that were made before this one. */
  readonly attemptsMade: number
  readonly attemptsStarted: number
  readonly stalledCounter = 0
  readonly token: string
  readonly processedBy: string | undefined = undefined
  readonly parent: undefined = undefined
  readonly parentKey: undefined = undefined
  readonly queueName: string
  readonly queueQualifiedName: string
  readonly prefix: string = PREFIX
  #rows = 0

  constructor(job: HandlerJob, { queueName, opts }: StandInOptions) {
    const now = Date.now()
    this.id = job.id
    this.name = job.name
    this.data = throughJson(job.data ?? {})
    this.opts = { attempts: 0, ...opts }
    this.delay = numberOf(opts['delay'])
    this.priority = numberOf(opts['priority'])
    this.timestamp = now
    this.processedOn = now
    this.attemptsMade = job.attempt - 1
    this.attemptsStarted = job.attempt
    this.token = tokenOf(job)
    this.queueName = queueName
    this.queueQualifiedName = `${PREFIX}:${queueName}`
  }

  // A processor in a file may take `log` and `updateData` off the job and call them alone.
  /** Counts the row and forgets it. Answers how many there are, as BullMQ does. */
  readonly log = async (_row: string): Promise<number> => ++this.#rows
  readonly updateData = async (data: unknown): Promise<void> => {
    this.data = throughJson(data)
  }

  async updateProgress(progress: unknown): Promise<void> {
    this.progress = progress
  }

  async clearLogs(keepLogs = 0): Promise<void> {
    this.#rows = Math.min(this.#rows, keepLogs)
  }

  /** The lock is held for as long as the job takes. */
  async extendLock(_token: string, _duration: number): Promise<number> {
    return 1
  }

  async getState(): Promise<string> {
    return 'active'
  }

  async isActive(): Promise<boolean> {
    return true
  }

  async isCompleted(): Promise<boolean> {
    return false
  }

  async isFailed(): Promise<boolean> {
    return false
  }

  async isDelayed(): Promise<boolean> {
    return false
  }

  async isWaiting(): Promise<boolean> {
    return false
  }

  async isWaitingChildren(): Promise<boolean> {
    return false
  }

  /** The processor throws a `DelayedError` next, with which the job is over. */
  async moveToDelayed(_timestamp: number, _token?: string): Promise<void> {}

  /** The processor throws a `WaitingError` next, with which the job is over. */
  async moveToWait(_token?: string): Promise<number> {
    return 0
  }

  /** There are no children to wait for. */
  async moveToWaitingChildren(_token?: string, _opts?: unknown): Promise<boolean> {
    return false
  }

  async getChildrenValues(): Promise<Record<string, unknown>> {
    return {}
  }

  async getIgnoredChildrenFailures(): Promise<Record<string, string>> {
    return {}
  }

  async getFailedChildrenValues(): Promise<Record<string, string>> {
    return {}
  }

  async getDependencies(_opts?: unknown): Promise<{ processed: Record<string, unknown>; unprocessed: string[] }> {
    return { processed: {}, unprocessed: [] }
  }

  async getDependenciesCount(opts: Readonly<Record<string, boolean>> = {}): Promise<Record<string, number>> {
    const asked = Object.keys(opts).filter((kind) => opts[kind])
    return asked.length === 0 ? { ...NO_CHILDREN } : Object.fromEntries(asked.map((kind) => [kind, 0]))
  }

  async removeUnprocessedChildren(): Promise<void> {}

  /** There is no parent to take it from. */
  async removeChildDependency(): Promise<boolean> {
    return false
  }

  /** It was added without a deduplication key. */
  async removeDeduplicationKey(): Promise<boolean> {
    return false
  }

  async remove(_opts?: unknown): Promise<void> {
    throw needsRedis('job.remove()')
  }

  async retry(_state?: string, _opts?: unknown): Promise<void> {
    throw needsRedis('job.retry()')
  }

  async promote(): Promise<void> {
    throw needsRedis('job.promote()')
  }

  async changeDelay(_delay: number): Promise<void> {
    throw needsRedis('job.changeDelay()')
  }

  async changePriority(_opts: unknown): Promise<void> {
    throw needsRedis('job.changePriority()')
  }

  async moveToCompleted(_value: unknown, _token: string, _fetchNext?: boolean): Promise<unknown> {
    throw needsRedis('job.moveToCompleted()')
  }

  async moveToFailed(_error: unknown, _token: string, _fetchNext?: boolean): Promise<unknown> {
    throw needsRedis('job.moveToFailed()')
  }

  async waitUntilFinished(_queueEvents: unknown, _ttl?: number): Promise<unknown> {
    throw needsRedis('job.waitUntilFinished()')
  }

  async addJob(_client: unknown, _parent?: unknown): Promise<string> {
    throw needsRedis('job.addJob()')
  }

  /** The queue itself, which processors should not reach for. */
  get queue(): never {
    throw needsRedis('job.queue')
  }

  /** How BullMQ reaches Redis, which processors should not reach for. */
  get backend(): never {
    throw needsRedis('job.backend')
  }

  /** What `JSON.stringify` makes of it. */
  toJSON(): Record<string, unknown> {
    const { log: _, updateData: __, returnValue: ___, ...fields } = this
    return fields
  }

  /** The job as BullMQ stores it, its data as text. */
  asJSON(): Record<string, unknown> {
    const { id, name, opts, progress, attemptsMade, attemptsStarted, stalledCounter, timestamp, processedOn } = this
    return {
      ...{ id, name, opts, progress, attemptsMade, attemptsStarted, stalledCounter, timestamp, processedOn },
      data: JSON.stringify(this.data),
      stacktrace: JSON.stringify(this.stacktrace),
      returnvalue: JSON.stringify(this.returnvalue),
    }
  }

  /** The same, with the queue that it is from. */
  asJSONSandbox(): Record<string, unknown> {
    const { queueName, queueQualifiedName, prefix } = this
    return { ...this.asJSON(), queueName, queueQualifiedName, prefix }
  }
}

function needsRedis(what: string): StandInError {
  return new StandInError(what, 'a queue in Redis', 'put a stand-in in its place in harness.setup, or leave it out')
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
