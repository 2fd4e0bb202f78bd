import { IsobarError, OptionError } from '@isobar/core'
import { connectWatchClient, type OwnedClient, type WatchClient, type WatchTransaction } from './watch-client.ts'

/** How long changes are gathered by default before they are written together, in ms. */
export const DEFAULT_GATHER_MS = 50

/** Jobs whose changes wait to be written, at most. */
export const MAX_PENDING_JOBS = 10_000

/** Jobs that are written at once, at most. */
const MAX_WRITTEN = 1_000

/** How long a dispose waits for what is still to be written, in ms. */
const DISPOSE_PATIENCE_MS = 2_000

/** What was to be seen of jobs could not be written to Redis. The jobs themselves go on. */
export class JobWatchError extends IsobarError {
  constructor(what: string, jobs: number, problem: string, options?: { readonly cause?: unknown }) {
    super(
      'JOB_WATCH',
      `the ${what} of ${jobs} jobs was not written: ${problem}; jobs go on, further ones are counted`,
      options,
    )
  }
}

/** What a writer has done since it was made. */
export interface WatchStats {
  /** Changes of jobs that are written: those that were gathered count as one. */
  readonly written: number
  /** Changes that Redis did not take, or that there was no room for. */
  readonly dropped: number
}

/** What an outbox goes by. */
export interface OutboxOptions<Change> {
  /** What is written, as errors name it. */
  readonly what: string
  readonly connection: string | URL | WatchClient
  readonly everyMs: number
  readonly onError: (error: JobWatchError) => unknown
  /** Adds the commands for one job to a transaction. */
  readonly write: (transaction: WatchTransaction, key: string, change: Change) => void
}

/**
 * What is to be written to Redis about jobs, where no job may wait for Redis, or fail of it. Changes wait, one a job, until
 * a timer writes them in one transaction; one write goes on at a time. A write that fails drops what it had. Where there
 * is no more room, what has waited longest goes.
 */
export class Outbox<Change> implements AsyncDisposable {
  readonly #options: OutboxOptions<Change>
  readonly #pending = new Map<string, Change>()
  #owned: Promise<OwnedClient> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #writing: Promise<void> | undefined
  #disposed: Promise<void> | undefined
  #failing = false
  #written = 0
  #dropped = 0

  /** @throws {OptionError} without a connection. */
  constructor(options: OutboxOptions<Change>) {
    if (!options.connection)
      throw new OptionError(
        `the ${options.what} of jobs needs a connection: the URL of a Redis, or a client of ioredis`,
      )
    this.#options = options
  }

  /** Puts a change of a job in, made of the one that waits already, if there is one. */
  put(key: string, make: (before: Change | undefined) => Change): void {
    if (this.#disposed) return this.#drop(1)
    const change = make(this.#pending.get(key))
    // To the end, as what goes first where there is no room stands at the front.
    this.#pending.delete(key)
    this.#pending.set(key, change)
    if (this.#pending.size > MAX_PENDING_JOBS) {
      const [oldest] = this.#pending.keys()
      this.#pending.delete(oldest as string)
      this.#drop(1, `more than ${MAX_PENDING_JOBS} jobs wait for Redis`)
    }
    this.#schedule()
  }

  /** The client, once the first attempt to connect has ended, well or not. */
  async client(): Promise<WatchClient> {
    const { connection } = this.#options
    if (typeof connection !== 'string' && !(connection instanceof URL)) return connection
    this.#owned ??= connectWatchClient(String(connection))
    const { client, tried } = await this.#owned
    await tried
    return client
  }

  stats(): WatchStats {
    return { written: this.#written, dropped: this.#dropped }
  }

  /** Writes what is still to be written, within 2 s, and closes the connection if it is its own. Twice is fine. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#end()
    return this.#disposed
  }

  #schedule(): void {
    if (this.#timer || this.#writing || this.#pending.size === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#start()
    }, this.#options.everyMs)
  }

  #start(): void {
    if (this.#writing) return
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined
      if (!this.#disposed) this.#schedule()
    })
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    const batch = [...this.#pending].slice(0, MAX_WRITTEN)
    for (const [key] of batch) this.#pending.delete(key)
    try {
      const transaction = (await this.client()).multi()
      for (const [key, change] of batch) this.#options.write(transaction, key, change)
      const failure = (await transaction.exec())?.find(([error]) => error)?.[0]
      if (failure) throw failure
      this.#written += batch.length
      this.#failing = false
    } catch (cause) {
      this.#drop(batch.length, toProblem(cause), cause)
    }
  }

  #drop(jobs: number, problem?: string, cause?: unknown): void {
    this.#dropped += jobs
    if (problem === undefined || this.#failing) return
    this.#failing = true
    const { what, onError } = this.#options
    try {
      onError(new JobWatchError(what, jobs, problem, { cause }))
    } catch {
      // It is told how this fares, and no job is to fail of that.
    }
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    let patience: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<true>((resolve) => {
      patience = setTimeout(() => resolve(true), DISPOSE_PATIENCE_MS)
    })
    try {
      while (this.#writing || this.#pending.size > 0) {
        this.#start()
        if (await Promise.race([this.#writing, late])) break
      }
    } finally {
      clearTimeout(patience)
    }
    if (this.#pending.size > 0) this.#drop(this.#pending.size, 'Redis did not answer in time')
    this.#pending.clear()
    const owned = await this.#owned?.catch(() => undefined)
    owned?.end()
  }
}

/** Of a transaction that was given up, the command that Redis refused tells more. */
function toProblem(cause: unknown): string {
  const [first = cause] = (cause as { previousErrors?: readonly unknown[] }).previousErrors ?? []
  return first instanceof Error ? first.message : String(first)
}
