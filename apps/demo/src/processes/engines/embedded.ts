import { embedded } from '@isobar/adapters/postgres'
import type { Duration } from '@isobar/core'
import type { Engine } from '../engine.ts'
import { grouped } from '../grouped.ts'
import type { Sql } from '../sql.ts'
import { SqlDatabase } from '../sql-database.ts'
import { SqlOffice } from '../sql-office.ts'
import { openSqlRun } from '../sql-run.ts'
import { ENGINE_SCHEMA } from '../sql-schema.ts'

/**
 * PostgreSQL inside this process, in a folder that no other process may have at the same time. The platform's tables are
 * in the same engine, which the broker lends in transactions.
 */
export async function openEmbedded(
  folder: string,
  onNotice: (message: string) => void,
  retain: Duration,
): Promise<Engine> {
  const broker = embedded(folder, { schema: ENGINE_SCHEMA, retain, onNotice })
  const close = async (): Promise<void> => broker[Symbol.asyncDispose]()
  try {
    await broker.ready()
  } catch (error) {
    await close()
    throw error
  }
  const sql: Sql = {
    query: grouped((run) => broker.transaction(run)),
    transaction: (run) => broker.transaction(run),
  }
  return {
    broker,
    tables: { database: new SqlDatabase(sql.query), office: new SqlOffice(sql.query) },
    keepDead: Number.POSITIVE_INFINITY,
    openRun: (wanted) => openSqlRun(sql, broker, wanted),
    close,
  }
}
