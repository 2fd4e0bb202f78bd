import { type DeadLetter, type DeadLetterSelection, type DeadLetters, OptionError } from '@isobar/core'
import { PRIORITIES } from '@isobar/core/codec'
import { isTrue, type Row } from './database.ts'
import { toPayload, toTime } from './deliveries.ts'
import type { Session } from './session.ts'

/** Dead letters in a page, when nobody says. */
const DEFAULT_PAGE = 50

/** Dead letters in a page at most; asking for more gives this many. */
const MAX_PAGE = 1_000

/** Bytes of payloads in a page, after which it ends; one dead letter always fits. */
const MAX_PAGE_BYTES = 16_000_000

/** Dead letters that one statement redrives or discards. */
const CHUNK = 5_000

const ms = (column: string): string => `date_part('epoch', ${column}) * 1000`

/** The dead letters of a schema. `wake` is called when jobs are back; other processes hear of it on `channel`. */
export function createDeadLetters(session: Session, channel: string | null, wake: () => void): DeadLetters {
  const take = async (name: 'redrive' | 'discard', which: DeadLetterSelection): Promise<number> => {
    const action = `${name} dead letters`
    const ids = 'ids' in which ? which.ids.filter((id) => !id.includes('\u0000')) : null
    const queue = 'queue' in which ? which.queue : null
    const [newest] = await session.ask(
      action,
      `SELECT max(dead_seq)::text FROM ${session.s}.job WHERE state = 'dead' AND ($1::text IS NULL OR queue = $1)`,
      [queue],
    )
    const last = newest?.[0]
    if (typeof last !== 'string') return 0
    let taken = 0
    for (;;) {
      const [row] = await (name === 'redrive'
        ? session.ask(action, `SELECT ${session.s}.redrive($1, $2, $3, $4, $5)`, [ids, queue, last, CHUNK, channel])
        : session.ask(action, `SELECT ${session.s}.discard($1, $2, $3, $4)`, [ids, queue, last, CHUNK]))
      const count = Number(row?.[0])
      taken += count
      if (count < CHUNK) return taken
    }
  }
  return {
    async list({ queue, limit, cursor } = {}) {
      const most = Math.max(1, Math.min(Math.floor(limit ?? DEFAULT_PAGE) || 1, MAX_PAGE))
      const rows = await session.ask(
        'list dead letters',
        `SELECT id, name, queue, priority, reason, error, attempts, crashes, ${ms('enqueued_at')},
          ${ms('ended_at')}, redrives, tenant, payload, encode(raw, 'base64'), problem, dead_seq::text
        FROM (
          SELECT j.*, sum(coalesce(octet_length(payload::text), octet_length(raw))) OVER (ORDER BY dead_seq DESC) AS bytes,
            row_number() OVER (ORDER BY dead_seq DESC) AS nth
          FROM (
            SELECT * FROM ${session.s}.job
            WHERE state = 'dead' AND ($1::text IS NULL OR queue = $1) AND ($2::bigint IS NULL OR dead_seq < $2)
            ORDER BY dead_seq DESC LIMIT $3
          ) AS j
        ) AS page
        WHERE nth = 1 OR bytes <= ${MAX_PAGE_BYTES}
        ORDER BY page.dead_seq DESC`,
        [queue ?? null, toSequence(cursor), most + 1],
      )
      const page = rows.slice(0, most)
      const isLast = rows.length <= most && (await isEnd(session, queue, rows.at(-1)))
      return { items: page.map(toDeadLetter), ...(!isLast && { cursor: page.at(-1)?.[15] as string }) }
    },
    async redrive(which) {
      const redriven = await take('redrive', which)
      if (redriven > 0) wake()
      return redriven
    },
    discard: (which) => take('discard', which),
  }
}

/** Whether there is nothing older than a row: the page may have ended for its bytes. */
async function isEnd(session: Session, queue: string | undefined, row: Row | undefined): Promise<boolean> {
  if (!row) return true
  const [older] = await session.ask(
    'list dead letters',
    `SELECT EXISTS (SELECT FROM ${session.s}.job
      WHERE state = 'dead' AND ($1::text IS NULL OR queue = $1) AND dead_seq < $2)`,
    [queue ?? null, row[15]],
  )
  return !isTrue(older?.[0])
}

function toSequence(cursor: string | undefined): string | null {
  if (cursor === undefined) return null
  if (/^[1-9][0-9]{0,17}$/.test(cursor)) return cursor
  throw new OptionError(
    `dead letters cannot be listed from cursor ${JSON.stringify(cursor)}; pass the cursor of the page before, or none`,
  )
}

function toDeadLetter(row: Row): DeadLetter {
  const [id, name, queue, priority, reason, error, attempts, crashes, enqueuedAt, diedAt, redrives, tenant] = row
  return {
    id: id as string,
    name: name as string,
    queue: queue as string,
    priority: PRIORITIES[Number(priority)] ?? 'normal',
    reason: reason as DeadLetter['reason'],
    error: JSON.parse(error as string),
    attempts: Number(attempts),
    crashes: Number(crashes),
    enqueuedAt: toTime(enqueuedAt),
    diedAt: toTime(diedAt),
    redrives: Number(redrives),
    ...(tenant !== null && { tenant: tenant as string }),
    payload: toPayload(row[12], row[13], row[14]),
  }
}
