import type { JobScheduler, JobsOptions, RepeatOptions } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Connection } from './connection.ts'
import { DriverMissingError } from './errors.ts'
import type { BullmqSettings } from './options.ts'

/** A job that a job scheduler of BullMQ has made, as it is stored. */
export interface Scheduled {
  readonly queue: string
  readonly id: string
  readonly name: string
  readonly data: string
  readonly opts: string
  /** The scheduler's id. */
  readonly scheduler: string
}

/** Schedulers that are kept open, a queue each. */
const MAX_OPEN = 1_000

const ACTION = 'schedule the next job of a job scheduler'

/**
 * Keeps BullMQ's job schedulers going: whoever takes a job of one has to add the next. Left to BullMQ's own class, which
 * knows patterns and time zones. Doing it twice adds one.
 */
export class JobSchedulers {
  readonly #connection: Connection
  readonly #settings: BullmqSettings
  readonly #open = new Map<string, JobScheduler>()

  constructor(connection: Connection, settings: BullmqSettings) {
    this.#connection = connection
    this.#settings = settings
  }

  /** Adds the job that comes after this one. */
  async next({ queue, id, name, data, opts, scheduler }: Scheduled): Promise<void> {
    const { Job } = await loadBullmq()
    const decoded: JobsOptions & { repeat?: RepeatOptions } = Job.optsFromJSON(opts)
    const { repeat } = decoded
    if (!repeat) return
    await this.#connection.ask(ACTION, async (client) => {
      const schedulers = await this.#schedulersOf(queue, client)
      await schedulers.upsertJobScheduler(scheduler, repeat, name, JSON.parse(data), decoded, {
        override: false,
        producerId: id,
      })
    })
  }

  async #schedulersOf(queue: string, client: Redis): Promise<JobScheduler> {
    let schedulers = this.#open.get(queue)
    if (!schedulers) {
      const { JobScheduler } = await loadBullmq()
      if (this.#open.size >= MAX_OPEN) await this.close()
      schedulers = new JobScheduler(queue, {
        connection: client,
        prefix: this.#settings.prefix,
        skipVersionCheck: true,
      })
      // What fails is told by the call that it fails.
      schedulers.on('error', () => {})
      this.#open.set(queue, schedulers)
    }
    return schedulers
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()]
    this.#open.clear()
    await Promise.allSettled(open.map((schedulers) => schedulers.close()))
  }
}

async function loadBullmq(): Promise<typeof import('bullmq')> {
  try {
    return await import('bullmq')
  } catch (error) {
    throw new DriverMissingError('bullmq', 'add it to your dependencies', { cause: error })
  }
}
