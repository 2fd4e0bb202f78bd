import type {
  D1Database,
  D1PreparedStatement,
  ExecutionContext,
  Message,
  MessageBatch,
} from '@cloudflare/workers-types'
import { type Duration, OptionError, toMs } from '@isobar/core'
import type { BindingOf } from '../bindings.ts'
import type { QueueHandler } from '../queue-handler.ts'
import { readDeadMessage } from './read.ts'
import { COLUMNS, toValues } from './rows.ts'
import { prepareTable } from './table.ts'

/** How long a letter waits that could not be kept, in seconds. */
const RETRY_SECONDS = 30

/** Letters over their time that one batch deletes, at most. */
const SWEPT = 200

/** Options of `deadLetterConsumer`. */
export interface DeadLetterConsumerOptions<Env> {
  /** The D1 binding. */
  readonly database: BindingOf<Env, D1Database>
  /** How long letters are kept. Default: until they are redriven or discarded. */
  readonly retain?: Duration
}

const OTHERS = COLUMNS.filter((name) => name !== 'id')

/** One row an id, whatever is delivered twice; a job that was redriven and died again has its new death. */
const KEEP = `INSERT INTO isobar_dead_letters (${COLUMNS.join()}) VALUES (${COLUMNS.map((_, at) => `?${at + 1}`).join()})
  ON CONFLICT (id) DO UPDATE SET ${OTHERS.map((name) => `${name} = excluded.${name}`).join()},
    claim = CASE WHEN excluded.redrives > redrives THEN NULL ELSE claim END
  WHERE (excluded.redrives, excluded.died_at) >= (redrives, died_at)`

/**
 * The consumer of a queue of dead letters: keeps them in D1, where `openDeadLetters` lists, redrives and discards them.
 * D1 failing, letters come again; none is lost.
 *
 * @example
 * toWorker<Env>(app, { deadLetter: 'DLQ', consumers: { 'email-dead': deadLetterConsumer<Env>({ database: 'DB' }) } })
 */
export function deadLetterConsumer<Env>(options: DeadLetterConsumerOptions<Env>): QueueHandler<Env> {
  const retainMs = options.retain === undefined ? undefined : toMs(options.retain)
  return async (batch: MessageBatch, env: Env, _: ExecutionContext) => {
    const database = env[options.database] as D1Database | undefined
    if (typeof database?.prepare !== 'function')
      throw new OptionError(
        `the binding ${options.database}, for dead letters, is no D1 database; add it to wrangler.jsonc`,
      )
    await prepareTable(database)
    const keep = database.prepare(KEEP)
    const statements = batch.messages.map((message) => keep.bind(...toValues(readDeadMessage(message, batch.queue))))
    await keepAll(database, batch.messages, statements)
    if (retainMs !== undefined) await sweep(database, Date.now() - retainMs)
  }
}

/** All in one transaction; if that fails each by itself, so that one that cannot be kept holds up no other. */
async function keepAll(
  database: D1Database,
  messages: readonly Message[],
  statements: readonly D1PreparedStatement[],
): Promise<void> {
  try {
    await database.batch([...statements])
    for (const message of messages) message.ack()
  } catch {
    for (const [at, message] of messages.entries()) {
      try {
        await statements[at]?.run()
        message.ack()
      } catch (error) {
        console.error(`isobar: the dead letter in message ${message.id} could not be kept; it comes again`, error)
        message.retry({ delaySeconds: RETRY_SECONDS })
      }
    }
  }
}

async function sweep(database: D1Database, before: number): Promise<void> {
  await database
    .prepare(
      `DELETE FROM isobar_dead_letters WHERE id IN
      (SELECT id FROM isobar_dead_letters WHERE died_at < ?1 ORDER BY died_at LIMIT ${SWEPT})`,
    )
    .bind(before)
    .run()
    // The letters are kept, and the next batch tries again.
    .catch((error: unknown) => console.error('isobar: old dead letters could not be deleted', error))
}
