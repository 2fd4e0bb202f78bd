import type { D1Database } from '@cloudflare/workers-types'
import { type DeadLetters, OptionError, type Sender } from '@isobar/core'
import { type Ask, type Part, toAsk, toParts } from './query.ts'
import { redriveLetters, type SendRaw } from './redrive.ts'
import { COLUMNS, type DeadRow, toDeadLetter } from './rows.ts'

/** Dead letters in a page, when nobody says. */
export const DEFAULT_PAGE = 50

/** Dead letters in a page at most, 13 MB of the largest; asking for more gives this many. */
export const MAX_PAGE = 100

/** Letters that one statement discards: D1 ends one that takes 30 s. */
const DISCARDED = 1_000

/** Options of `openDeadLetters`. */
export interface DeadLettersOptions {
  /**
   * Sends a letter back that is no job of isobar's: what somebody else sent, or could not be read. Default: such letters
   * cannot be redriven. Nor can structured clones that JSON cannot hold (a `Map`, a `Date`), which D1 does not keep.
   */
  readonly raw?: SendRaw
}

/**
 * The dead letters that `deadLetterConsumer` keeps in D1.
 *
 * A redrive sends first and deletes then: a crash between the two leaves a letter that is a job, too. Two redrives at
 * once send each letter once. What it cannot send stays, and is named in an error when all else is done: code
 * `NOT_REDRIVEN`. One that fails on the way has redriven what is gone from the list; do it again for the rest.
 *
 * @example
 * const letters = openDeadLetters(env.DB, toSender<Env>(queues, env))
 * await letters.redrive({ queue: 'email' })
 */
export function openDeadLetters(database: D1Database, sender: Sender, { raw }: DeadLettersOptions = {}): DeadLetters {
  const ask = toAsk(database)
  return {
    async list({ queue, limit = DEFAULT_PAGE, cursor } = {}) {
      const most = Math.max(1, Math.min(Math.floor(limit) || 1, MAX_PAGE))
      const { results } = await ask<DeadRow>(
        'list',
        `SELECT seq, ${COLUMNS.join()} FROM isobar_dead_letters
        WHERE (died_at, seq) < (?1, ?2) ${queue === undefined ? '' : 'AND queue = ?4'}
        ORDER BY died_at DESC, seq DESC LIMIT ?3`,
        ...[...toPosition(cursor), most + 1, ...(queue === undefined ? [] : [queue])],
      )
      const rows = results.slice(0, most)
      const last = results.length > most ? rows.at(-1) : undefined
      return { items: rows.map(toDeadLetter), ...(last && { cursor: `${last.died_at}:${last.seq}` }) }
    },

    redrive: (which) => redriveLetters(which, { ask, sender, raw }),

    async discard(which) {
      let discarded = 0
      for (const part of toParts(which)) discarded += await discardPart(part, ask)
      return discarded
    },
  }
}

async function discardPart({ where, values }: Part, ask: Ask): Promise<number> {
  for (let discarded = 0; ; ) {
    const { meta } = await ask(
      'discard',
      `DELETE FROM isobar_dead_letters WHERE seq IN (
        SELECT seq FROM isobar_dead_letters WHERE ${where(1)} LIMIT ${DISCARDED}
      )`,
      ...values,
    )
    discarded += meta.changes
    if (meta.changes < DISCARDED) return discarded
  }
}

/** @throws {OptionError} for a cursor that no page gave. */
function toPosition(cursor: string | undefined): [diedAt: number, seq: number] {
  if (cursor === undefined) return [Number.MAX_SAFE_INTEGER, 0]
  const [, diedAt, seq] = /^(-?\d{1,16}):(\d{1,16})$/.exec(cursor) ?? []
  if (diedAt !== undefined) return [Number(diedAt), Number(seq)]
  throw new OptionError(
    `dead letters cannot be listed from cursor ${JSON.stringify(cursor)}; pass the cursor of the page before, or none`,
  )
}
