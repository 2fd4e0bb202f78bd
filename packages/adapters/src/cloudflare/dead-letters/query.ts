import type { D1Database, D1Result } from '@cloudflare/workers-types'
import { type DeadLetterSelection, IsobarError } from '@isobar/core'
import { forgetTable, prepareTable } from './table.ts'

/** Letters that one statement names: D1 binds at most 100 values. */
export const CHUNK = 50

/** Asks the table of dead letters. `action` goes into the error: `redrive`. */
export type Ask = <Row>(action: string, sql: string, ...values: readonly unknown[]) => Promise<D1Result<Row>>

/** Queries of the table, which is made on first use. */
export function toAsk(database: D1Database): Ask {
  return async <Row>(action: string, sql: string, ...values: readonly unknown[]) => {
    try {
      await prepareTable(database)
      return await database
        .prepare(sql)
        .bind(...values)
        .all<Row>()
    } catch (cause) {
      forgetTable(database)
      throw new IsobarError(
        'DEAD_LETTERS',
        `D1 failed to ${action} dead letters; those not yet dealt with are still there: see cause, and do it again`,
        { cause },
      )
    }
  }
}

/** A part of a selection: a condition whose values are bound from a place on. */
export interface Part {
  where(first: number): string
  readonly values: readonly unknown[]
}

/** A selection in parts that each fit into a statement. */
export function toParts(which: DeadLetterSelection): Part[] {
  if ('queue' in which) return [{ where: (first) => `queue = ?${first}`, values: [which.queue] }]
  const ids = [...new Set(which.ids)]
  const chunks = Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, at) =>
    ids.slice(at * CHUNK, (at + 1) * CHUNK),
  )
  return chunks.map((values) => ({ where: (first) => `id IN (${placesFor(values, first)})`, values }))
}

/** Places for values, to be bound from `first` on. */
export function placesFor(values: readonly unknown[], first: number): string {
  return values.map((_, at) => `?${first + at}`).join()
}
