import type { Enqueued, JobSpec } from '@isobar/core'
import type { Query } from './database.ts'
import { DatabaseError, isDataError } from './errors.ts'
import type { Session } from './session.ts'
import { toChunks, toSpecRows, toTraces } from './specs.ts'

/** Who is told of new jobs: `queues` on `channel`, or nobody. */
export interface Notice {
  readonly channel: string
  readonly queues: readonly string[] | null
}

const ENQUEUE = (s: string): string =>
  `SELECT ids, duplicates FROM ${s}.enqueue($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`

/** Enqueues jobs, all or none. Data that are not JSON as the server reads it go in as bytes, to become dead letters. */
export async function enqueueAll(session: Session, specs: readonly JobSpec[], notice: Notice): Promise<Enqueued[]> {
  try {
    return await enqueueOnce(session, specs, notice, false)
  } catch (error) {
    if (!(error instanceof DatabaseError && isDataError(error.cause))) throw error
    return enqueueOnce(session, specs, notice, true)
  }
}

/** Enqueues jobs in a transaction of the user's, where nothing can be tried twice. */
export async function enqueueWithin(
  session: Session,
  tx: unknown,
  specs: readonly JobSpec[],
  notice: Notice,
): Promise<Enqueued[]> {
  return enqueue(session, await session.askWithin(tx, 'send'), specs, notice, true)
}

async function enqueueOnce(
  session: Session,
  specs: readonly JobSpec[],
  notice: Notice,
  checked: boolean,
): Promise<Enqueued[]> {
  const database = await session.database('send')
  const [, ...others] = toChunks(specs)
  return session.again('send', () =>
    others.length === 0
      ? enqueue(session, database.query, specs, notice, checked)
      : database.transaction((query) => enqueue(session, query, specs, notice, checked)),
  )
}

/** One statement a chunk. With `checked`, data that are not JSON go in as the bytes they are. */
async function enqueue(
  { s }: Session,
  query: Query,
  specs: readonly JobSpec[],
  { channel, queues }: Notice,
  checked: boolean,
): Promise<Enqueued[]> {
  const answers: Enqueued[] = []
  for (const chunk of toChunks(specs)) {
    const values = [...toSpecRows(chunk, checked), channel, answers.length === 0 ? queues : null, toTraces(chunk)]
    const [row] = await query(ENQUEUE(s), values)
    const duplicates = new Set<number>(row?.[1] ? JSON.parse(row[1] as string) : [])
    const ids: string[] = JSON.parse(row?.[0] as string)
    for (const [at, id] of ids.entries()) answers.push({ id, duplicate: duplicates.has(at + 1) })
  }
  return answers
}
