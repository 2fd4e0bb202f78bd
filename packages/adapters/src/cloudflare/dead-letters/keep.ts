import type { D1Database, D1PreparedStatement, Message } from '@cloudflare/workers-types'
import { toBytes } from '../body.ts'
import { MAX_MESSAGE_BYTES, toDelaySeconds } from '../limits.ts'
import { MAX_UNSETTLED_DELAY_MS, UNSETTLED_DELAY_MS } from '../settle.ts'
import type { DeadRecord } from './header.ts'
import { COLUMNS, toValues } from './rows.ts'
import { forgetTable, prepareTable } from './table.ts'

/** Characters of bodies that one call to D1 takes, about, so that a batch of large letters fits into an isolate. */
const CALL_CHARS = 4_000_000

const OTHERS = COLUMNS.filter((name) => name !== 'id')

/** One row an id, whatever is delivered twice; a job that was redriven and died again has its new death. */
const KEEP = `INSERT INTO isobar_dead_letters (${COLUMNS.join()}) VALUES (${COLUMNS.map((_, at) => `?${at + 1}`).join()})
  ON CONFLICT (id) DO UPDATE SET ${OTHERS.map((name) => `${name} = excluded.${name}`).join()},
    claim = CASE WHEN excluded.redrives > redrives THEN NULL ELSE claim END
  WHERE (excluded.redrives, excluded.died_at) >= (redrives, died_at)`

/** A letter and its message. */
export interface Arrival {
  readonly message: Message
  readonly record: DeadRecord
}

/** Keeps letters and acks their messages. Never rejects: what cannot be kept comes again. */
export async function keepLetters(database: D1Database, arrivals: readonly Arrival[]): Promise<void> {
  let group: Arrival[] = []
  let chars = 0
  for (const arrival of arrivals) {
    const size = sizeOf(arrival.record.body)
    if (group.length > 0 && chars + size > CALL_CHARS) {
      await keepGroup(database, group)
      group = []
      chars = 0
    }
    group.push(arrival)
    chars += size
  }
  await keepGroup(database, group)
}

/**
 * All in one transaction; if that fails each by itself, so that one that cannot be kept holds up no other. If the table
 * cannot even be made, D1 is asked no more.
 */
async function keepGroup(database: D1Database, group: readonly Arrival[]): Promise<void> {
  try {
    await prepareTable(database)
    await database.batch(group.map(({ record }) => toStatement(database, record)))
    for (const { message } of group) message.ack()
  } catch {
    forgetTable(database)
    const [down] = await Promise.allSettled([prepareTable(database)])
    for (const arrival of group) {
      if (down.status === 'rejected') comeAgain(arrival, down.reason)
      else await keepOne(database, arrival)
    }
  }
}

async function keepOne(database: D1Database, arrival: Arrival): Promise<void> {
  try {
    await toStatement(database, arrival.record).run()
    arrival.message.ack()
  } catch (error) {
    comeAgain(arrival, error)
  }
}

function comeAgain({ message, record: { name, id } }: Arrival, error: unknown): void {
  console.error(`isobar: D1 did not keep the dead letter of job ${name} (id ${id}); it comes again`, error)
  const delayMs = Math.min(UNSETTLED_DELAY_MS * 2 ** (message.attempts - 1), MAX_UNSETTLED_DELAY_MS)
  message.retry({ delaySeconds: toDelaySeconds(delayMs) })
}

function toStatement(database: D1Database, record: DeadRecord): D1PreparedStatement {
  return database.prepare(KEEP).bind(...toValues(record))
}

/** Characters that a body takes in the table, about: bytes are kept in hex, and a value is about as large as a message. */
function sizeOf(body: unknown): number {
  return typeof body === 'string' ? body.length : 2 * (toBytes(body)?.byteLength ?? MAX_MESSAGE_BYTES / 2)
}
