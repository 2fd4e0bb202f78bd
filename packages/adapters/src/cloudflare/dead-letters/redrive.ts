import { type DeadLetterSelection, IsobarError, type Sender } from '@isobar/core'
import type { SentSpec } from '../sender.ts'
import { fromKeptBody } from './body.ts'
import { type Ask, CHUNK, type Part, placesFor, toParts } from './query.ts'
import { COLUMNS, type DeadRow, toPayload } from './rows.ts'

// A redrive goes through a selection in pages, oldest first, once: what it leaves or what comes meanwhile it does not
// meet again. Of each page it
// 1. claims the letters, so that nobody else sends them;
// 2. sends them;
// 3. deletes those that were sent, unless they have died anew meanwhile, which ends the claim;
// 4. gives up its claim on the others. Of one that ends before that, the claims end by themselves after a minute.

/** How long a redrive that has claimed letters may take to send them, in ms: then another may have them. */
const CLAIM_MS = 60_000

/** Ids that an error names, at most. */
const NAMED = 10

/** Sends a letter back as it came. */
export type SendRaw = (letter: {
  readonly id: string
  readonly queue: string
  readonly body: unknown
}) => Promise<unknown>

/** What a redrive works with. */
export interface RedriveHost {
  readonly ask: Ask
  readonly sender: Sender
  readonly raw: SendRaw | undefined
}

/** What has become of the letters so far. */
interface Tally {
  redriven: number
  refused: number
  /** The first of the refused. */
  readonly named: string[]
}

/** Redrives the letters of a selection that died before it began. Answers how many. */
export async function redriveLetters(which: DeadLetterSelection, host: RedriveHost): Promise<number> {
  const begun = Date.now()
  const tally: Tally = { redriven: 0, refused: 0, named: [] }
  for (const part of toParts(which)) {
    let last: DeadRow | undefined
    do {
      const claim = crypto.randomUUID()
      const rows = await take(part, { claim, begun, last }, host.ask)
      if (rows.length > 0) await redrivePage(rows, claim, tally, host)
      last = rows.at(-1)
    } while (last)
  }
  if (tally.refused > 0) throw toRefusal(tally)
  return tally.redriven
}

/** Claims the next letters that nobody else has, oldest first. */
async function take(
  { where, values }: Part,
  { claim, begun, last }: { readonly claim: string; readonly begun: number; readonly last: DeadRow | undefined },
  ask: Ask,
): Promise<DeadRow[]> {
  const now = Date.now()
  const { results } = await ask<DeadRow>(
    'redrive',
    `UPDATE isobar_dead_letters SET claim = ?1, claimed_at = ?2 WHERE seq IN (
      SELECT seq FROM isobar_dead_letters
      WHERE (claim IS NULL OR claimed_at < ?3) AND died_at <= ?4 AND (died_at, seq) > (?5, ?6) AND ${where(7)}
      ORDER BY died_at, seq LIMIT ${CHUNK}
    ) RETURNING seq, ${COLUMNS.join()}`,
    ...[claim, now, now - CLAIM_MS, begun, last?.died_at ?? Number.MIN_SAFE_INTEGER, last?.seq ?? 0, ...values],
  )
  return results.sort((a, b) => a.died_at - b.died_at || a.seq - b.seq)
}

async function redrivePage(rows: readonly DeadRow[], claim: string, tally: Tally, host: RedriveHost): Promise<void> {
  const { ask, sender, raw } = host
  const held = new Set(rows.map(({ id }) => id))
  const sent = async (ids: readonly string[]): Promise<void> => {
    tally.redriven += ids.length
    await ask(
      'delete redriven',
      `DELETE FROM isobar_dead_letters WHERE claim = ?1 AND id IN (${placesFor(ids, 2)})`,
      claim,
      ...ids,
    )
    for (const id of ids) held.delete(id)
  }
  try {
    const specs = rows.map(toSpec).filter((spec) => spec !== undefined)
    if (specs.length > 0) {
      await sender.send(specs)
      await sent(specs.map(({ id }) => id))
    }
    for (const row of rows.filter(({ id }) => held.has(id))) {
      if (raw && row.kind !== 'lossy') {
        await raw({ id: row.id, queue: row.queue, body: fromKeptBody(row) })
        await sent([row.id])
      } else if (++tally.refused <= NAMED) tally.named.push(row.id)
    }
  } finally {
    await giveUp([...held], claim, ask)
  }
}

/** Ends a claim. If that fails it ends by itself, and what made it fail is told already. */
async function giveUp(ids: readonly string[], claim: string, ask: Ask): Promise<void> {
  if (ids.length === 0) return
  const sql = `UPDATE isobar_dead_letters SET claim = NULL WHERE claim = ?1 AND id IN (${placesFor(ids, 2)})`
  await ask('give up', sql, claim, ...ids).catch(() => {})
}

/** The job of a letter, as it starts anew; undefined where it is no job of isobar's. */
function toSpec(row: DeadRow): (SentSpec & { readonly id: string }) | undefined {
  const payload = toPayload(row)
  if (!('text' in payload)) return undefined
  const { id, name, queue, priority, redrives, tenant, enqueued_at: enqueuedAt } = row
  return {
    ...{ id, name, queue, priority, text: payload.text, delayMs: 0, redrives: redrives + 1 },
    ...{ enqueuedAt, dueAt: Date.now() },
    ...(tenant !== null && { tenant }),
  }
}

function toRefusal({ redriven, refused, named }: Tally): IsobarError {
  const ids = named.join(', ') + (refused > named.length ? ', …' : '')
  return new IsobarError(
    'NOT_REDRIVEN',
    `${redriven} dead letters were redriven; ${refused} are no jobs of isobar's and stay (${ids}): give openDeadLetters raw, which sends back as it came what is no structured clone beyond JSON, or discard them`,
  )
}
