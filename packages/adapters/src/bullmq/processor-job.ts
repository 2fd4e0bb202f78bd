import { IsobarError, type Job, type JobContext } from '@isobar/core'
import { toJobKey } from './keys.ts'
import { DEFAULT_PRIORITIES } from './priorities.ts'

/** What BullMQ takes for the progress of a job. */
export type BullMQProgress = string | boolean | number | object

/** A processor asked its job for something that only BullMQ's own Worker can do. */
export class ProcessorJobError extends IsobarError {
  constructor(call: string, job: Pick<Job, 'id' | 'name' | 'queue'>, remedy: string) {
    super(
      'UNSUPPORTED',
      `${call} of job ${job.name} (id ${job.id}, queue ${job.queue}) needs BullMQ's own Worker; ${remedy}`,
    )
  }
}

/** Calls that are refused, each with what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  updateData: 'make each step a job of its own (ctx.enqueue), or keep the step where the work is kept',
  moveToWaitingChildren: 'enqueue what follows with ctx.enqueue: it goes out when this job is done',
  getChildrenValues: 'pass the values in the data of the job that needs them',
  getIgnoredChildrenFailures: 'pass what failed in the data of the job that needs it',
  getFailedChildrenValues: 'pass what failed in the data of the job that needs it',
  getDependencies: 'pass what it needs in its data',
  getDependenciesCount: 'pass what it needs in its data',
  removeChildDependency: 'enqueue what follows with ctx.enqueue',
  removeUnprocessedChildren: 'cancel them by their ids (jobs.cancel)',
  removeDeduplicationKey: 'enqueue with dedupe "queued", which frees the key when the job starts',
  remove: 'return, and it is done; others are cancelled by their ids (jobs.cancel)',
  retry: 'throw an error, or RetryAfter of @isobar/core to say when',
  promote: 'it runs already',
  changeDelay: 'throw Release or RetryAfter of @isobar/core',
  changePriority: 'enqueue it anew with the priority it is to have',
  moveToCompleted: 'return the result',
  moveToFailed: 'throw the error',
  waitUntilFinished: 'enqueue what follows with ctx.enqueue',
  clearLogs: 'log lines are kept by whoever listens to the hook "log"',
  addJob: 'enqueue with ctx.enqueue',
}

/**
 * The job that a BullMQ processor sees when isobar runs it: an active one whose lock is held for as long as it runs. It
 * stands on the job's context, so that one that somebody keeps holds none of the job's data: reading `data` after the
 * job has settled throws `JobSettledError`.
 *
 * `remove`, `retry`, `updateData`, `getChildrenValues` and whatever else would change the queue behind isobar's back
 * reject with a `ProcessorJobError` that says what to do instead.
 */
export class ProcessorJob<Data = unknown> {
  /** As BullMQ has it: without the queue that isobar puts before a number. */
  readonly id: string
  readonly name: string
  readonly queueName: string
  /** Options of the job as `fromBullMQ` was given them. */
  readonly opts: Readonly<Record<string, unknown>>
  /** When it was enqueued, ms since the epoch. */
  readonly timestamp: number
  /** When this attempt started, ms since the epoch. */
  readonly processedOn: number
  /** Charged failures so far. */
  readonly attemptsMade: number
  readonly attemptsStarted: number
  /** The number that isobar's broker on BullMQ gives its priority by default. */
  readonly priority: number
  readonly delay: number = 0
  readonly token: string
  /** What `updateProgress` was last told in this attempt. */
  progress: BullMQProgress = 0
  readonly returnvalue: null = null
  readonly stacktrace: null = null
  readonly parent: undefined = undefined
  readonly parentKey: undefined = undefined
  readonly #context: JobContext<Data>
  #rows = 0
  #movedTo: number | undefined

  constructor(context: JobContext<Data>, opts: Readonly<Record<string, unknown>>) {
    const { id, name, queue, attempt, enqueuedAt, priority }: Job = context.job
    this.#context = context
    this.id = toJobKey(id).id
    this.name = name
    this.queueName = queue
    this.opts = opts
    this.timestamp = enqueuedAt
    this.processedOn = Date.now()
    this.attemptsMade = attempt - 1
    this.attemptsStarted = attempt
    this.priority = DEFAULT_PRIORITIES[priority]
    this.token = `isobar:${this.id}`
  }

  get data(): Data {
    return this.#context.data
  }

  /** Says how far the job is: `ctx.progress`. */
  async updateProgress(progress: BullMQProgress): Promise<void> {
    this.#context.progress(progress)
    this.progress = progress
  }

  /** Writes a log line: `ctx.log.info`. Answers how many this attempt has written. */
  async log(row: string): Promise<number> {
    this.#context.log.info(String(row))
    return ++this.#rows
  }

  /** The worker extends the lock for as long as the job runs: there is nothing left to do. */
  async extendLock(_token?: string, _duration?: number): Promise<number> {
    return 1
  }

  /** To be put back, uncharged, until `timestamp`; the processor throws BullMQ's `DelayedError` next. */
  async moveToDelayed(timestamp: number, _token?: string): Promise<void> {
    this.#movedTo = Number(timestamp)
  }

  /** To be put back, uncharged; the processor throws BullMQ's `WaitingError` next. */
  async moveToWait(_token?: string): Promise<number> {
    this.#movedTo = 0
    return 0
  }

  async getState(): Promise<'active'> {
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

  /** What `JSON.stringify` makes of it: its fields, with its data. */
  toJSON(): object {
    return { ...this, data: this.data }
  }

  /** When the processor has moved its job to, ms since the epoch; undefined where it has not. */
  static movedTo(job: ProcessorJob): number | undefined {
    return job.#movedTo
  }
}

for (const [call, remedy] of Object.entries(REFUSED)) {
  Object.defineProperty(ProcessorJob.prototype, call, {
    value(this: ProcessorJob): Promise<never> {
      const { id, name, queueName } = this
      return Promise.reject(new ProcessorJobError(`job.${call}()`, { id, name, queue: queueName }, remedy))
    },
  })
}
