import type { D1Database, ExecutionContext, MessageBatch } from '@cloudflare/workers-types'
import { type Duration, OptionError, toMs } from '@isobar/core'
import type { BindingOf } from '../bindings.ts'
import type { QueueHandler } from '../queue-handler.ts'
import { keepLetters } from './keep.ts'
import { readDeadMessage } from './read.ts'

/** Letters over their time that one batch deletes, at most: more than a batch can add. */
const SWEPT = 200

/** What a D1 database is known by. */
export interface DatabaseLike {
  prepare(...args: never): unknown
  batch(...args: never): unknown
}

/** Options of `deadLetterConsumer`. */
export interface DeadLetterConsumerOptions<Env> {
  /** The D1 binding. */
  readonly database: BindingOf<Env, DatabaseLike>
  /** How long letters are kept. Default: until they are redriven or discarded. */
  readonly retain?: Duration
}

/**
 * The consumer of a queue of dead letters: keeps them in D1, where `openDeadLetters` lists, redrives and discards them.
 * While D1 fails, letters come again, in 30 s at first and twice as late each time, up to an hour. Give their queue
 * `max_retries: 100`: what the platform gives up is lost, and by default it does so after three.
 *
 * @example
 * toWorker<Env>(app, { deadLetter: 'DLQ', consumers: { 'email-dead': deadLetterConsumer<Env>({ database: 'DB' }) } })
 *
 * @throws {OptionError} when the Worker has no such database: the platform delivers the batch again.
 */
export function deadLetterConsumer<Env>(options: DeadLetterConsumerOptions<Env>): QueueHandler<Env> {
  const retainMs = options.retain === undefined ? undefined : toMs(options.retain)
  return async ({ messages, queue }: MessageBatch, env: Env, _: ExecutionContext) => {
    const database = env[options.database] as D1Database | undefined
    if (typeof database?.prepare !== 'function')
      throw new OptionError(
        `the binding ${options.database}, for dead letters, is no D1 database; add it to d1_databases in wrangler.jsonc`,
      )
    const now = Date.now()
    const arrivals = messages.map((message) => ({ message, record: readDeadMessage(message, { queue, now }) }))
    await keepLetters(database, arrivals)
    if (retainMs !== undefined) await sweep(database, now - retainMs)
  }
}

async function sweep(database: D1Database, before: number): Promise<void> {
  try {
    await database
      .prepare(
        `DELETE FROM isobar_dead_letters WHERE seq IN
        (SELECT seq FROM isobar_dead_letters WHERE died_at < ?1 ORDER BY died_at LIMIT ${SWEPT})`,
      )
      .bind(before)
      .run()
  } catch (error) {
    // What is new is kept, and the next batch tries again.
    console.error('isobar: old dead letters could not be deleted; the next batch tries again', error)
  }
}
