import type { D1Database, D1Result } from '@cloudflare/workers-types'
import { type DeadLetterSelection, type DeadLetters, IsobarError, OptionError, type Sender } from '@isobar/core'
import type { SentSpec } from '../sender.ts'
import { toPayload } from './read.ts'
import { COLUMNS, type DeadRow, toBody, toDeadLetter } from './rows.ts'
import { prepareTable } from './table.ts'

/** Dead letters in a page, when nobody says. */
export const DEFAULT_PAGE = 50

/** Dead letters in a page at most; asking for more gives this many. */
export const MAX_PAGE = 500

/** Letters that one statement takes: D1 binds at most 100 values. */
const CHUNK = 50

/** How long a redrive that has taken letters may take to send them, in ms: then another may have them. */
const CLAIM_MS = 60_000

/** Options of `openDeadLetters`. */
export interface DeadLettersOptions {
  /**
   * Sends a letter back that is no job of isobar's: what somebody else sent, or could not be read. Default: such letters
   * cannot be redriven.
   */
  readonly raw?: (letter: { readonly id: string; readonly queue: string; readonly body: unknown }) => Promise<unknown>
}

/**
 * The dead letters that `deadLetterConsumer` keeps in D1.
 *
 * A redrive sends first and deletes then: a crash between the two leaves a letter that is a job, too. Two redrives at
 * once send each letter once.
 *
 * @example
 * const letters = openDeadLetters(env.DB, toSender<Env>(queues, env))
 * await letters.redrive({ queue: 'email' })
 */
export function openDeadLetters(database: D1Database, sender: Sender, options: DeadLettersOptions = {}): DeadLetters {
  const ask = async <Row>(sql: string, ...values: unknown[]): Promise<D1Result<Row>> => {
    await prepareTable(database)
    return database
      .prepare(sql)
      .bind(...values)
      .all<Row>()
  }
  return {
    async list({ queue, limit = DEFAULT_PAGE, cursor } = {}) {
      const most = Math.max(1, Math.min(Math.floor(limit) || 1, MAX_PAGE))
      const [diedAt, id] = cursor === undefined ? [Number.MAX_SAFE_INTEGER, ''] : toPosition(cursor)
      const { results } = await ask<DeadRow>(
        `SELECT ${COLUMNS.join()} FROM isobar_dead_letters
        WHERE (?1 IS NULL OR queue = ?1) AND (died_at, id) < (?2, ?3) ORDER BY died_at DESC, id DESC LIMIT ?4`,
        ...[queue ?? null, diedAt, id, most + 1],
      )
      const rows = results.slice(0, most)
      const last = results.length > most ? rows.at(-1) : undefined
      return { items: rows.map(toDeadLetter), ...(last && { cursor: `${last.died_at}:${last.id}` }) }
    },

    async redrive(which) {
      const begun = Date.now()
      const refused: string[] = []
      let redriven = 0
      for (const part of toParts(which)) {
        for (;;) {
          const taken = await take(part, begun)
          if (taken.rows.length === 0) break
          const { sent, left } = await sendBack(taken.rows, sender, options).catch(async (error: unknown) => {
            await ask('UPDATE isobar_dead_letters SET claim = NULL WHERE claim = ?1', taken.claim)
            throw error
          })
          for (const { where, values } of toParts({ ids: sent }))
            await ask(`DELETE FROM isobar_dead_letters WHERE claim = ?1 AND ${where(2)}`, taken.claim, ...values)
          redriven += sent.length
          refused.push(...left)
        }
      }
      for (const { where, values } of toParts({ ids: refused }))
        await ask(`UPDATE isobar_dead_letters SET claim = NULL WHERE ${where(1)}`, ...values)
      if (refused.length === 0) return redriven
      throw new IsobarError(
        'NOT_REDRIVEN',
        `${redriven} dead letters were redriven; ${refused.length} are no jobs of isobar's and stay (the first: ${refused[0]}); give openDeadLetters raw, which sends them back as they came, or discard them`,
      )
    },

    async discard(which) {
      let discarded = 0
      for (const { where, values } of toParts(which)) {
        const { meta } = await ask(`DELETE FROM isobar_dead_letters WHERE ${where(1)}`, ...values)
        discarded += meta.changes
      }
      return discarded
    },
  }

  /** Takes the oldest letters of a selection, so that nobody else redrives them; none when there are no more. */
  async function take({ where, values }: Part, begun: number): Promise<{ claim: string; rows: readonly DeadRow[] }> {
    const claim = crypto.randomUUID()
    // What died since it began is not redriven again: a job that dies at once would go round for ever.
    const { results } = await ask<DeadRow>(
      `UPDATE isobar_dead_letters SET claim = ?1, claimed_at = ?2 WHERE id IN (
        SELECT id FROM isobar_dead_letters
        WHERE (claim IS NULL OR claimed_at < ?3) AND died_at <= ?4 AND ${where(5)} ORDER BY died_at, id LIMIT ${CHUNK}
      ) RETURNING ${COLUMNS.join()}`,
      ...[claim, Date.now(), begun - CLAIM_MS, begun, ...values],
    )
    return { claim, rows: results.sort((a, b) => a.died_at - b.died_at) }
  }
}

/** A part of a selection: a condition whose values are bound from a place on. */
interface Part {
  where(first: number): string
  readonly values: readonly unknown[]
}

function toParts(which: DeadLetterSelection): Part[] {
  if ('queue' in which) return [{ where: (first) => `queue = ?${first}`, values: [which.queue] }]
  const ids = [...new Set(which.ids)]
  const chunks = Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, at) =>
    ids.slice(at * CHUNK, (at + 1) * CHUNK),
  )
  return chunks.map((values) => ({ where: (first) => `id IN (${values.map((_, at) => `?${first + at}`)})`, values }))
}

/** Sends letters back to their queues: those that are jobs of isobar's, with a redrive more, and the others as they came. */
async function sendBack(
  rows: readonly DeadRow[],
  sender: Sender,
  { raw }: DeadLettersOptions,
): Promise<{ readonly sent: readonly string[]; readonly left: readonly string[] }> {
  const specs: SentSpec[] = []
  const others: DeadRow[] = []
  for (const row of rows) {
    const spec = toSpec(row)
    if (spec) specs.push(spec)
    else others.push(row)
  }
  if (specs.length > 0) await sender.send(specs)
  if (raw) for (const row of others) await raw({ id: row.id, queue: row.queue, body: toBody(row) })
  const ids = (list: readonly { readonly id?: string }[]): string[] => list.map(({ id }) => String(id))
  return { sent: [...ids(specs), ...(raw ? ids(others) : [])], left: raw ? [] : ids(others) }
}

function toSpec(row: DeadRow): SentSpec | undefined {
  const payload = toPayload(toBody(row))
  if (!('text' in payload)) return undefined
  const { id, name, queue, priority, redrives, tenant } = row
  return {
    ...{ id, name, queue, priority, text: payload.text, delayMs: 0, redrives: redrives + 1 },
    ...(tenant !== null && { tenant }),
  }
}

/** @throws {OptionError} for a cursor that no page gave. */
function toPosition(cursor: string): [diedAt: number, id: string] {
  const [, diedAt, id] = /^(\d+):(.*)$/s.exec(cursor) ?? []
  if (diedAt !== undefined && id !== undefined) return [Number(diedAt), id]
  throw new OptionError(
    `dead letters cannot be listed from cursor ${JSON.stringify(cursor)}; pass the cursor of the page before, or none`,
  )
}
