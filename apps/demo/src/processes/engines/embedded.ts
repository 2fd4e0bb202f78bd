import { embedded } from '@isobar/adapters/postgres'
import type { Duration } from '@isobar/core'
import type { Engine } from '../engine.ts'
import { grouped } from '../grouped.ts'
import type { Sql } from '../sql.ts'
import { SqlDatabase } from '../sql-database.ts'
import { SqlOffice } from '../sql-office.ts'
import { openSqlRun } from '../sql-run.ts'
import { toMailSchema } from '../sql-schema.ts'

/** The engine's schema: the one that brokers and the command `isobar` have by default. The folder is the demo's own. */
const SCHEMA = 'isobar'

/**
 * PostgreSQL inside this process, in a folder that no other process may have at the same time. The platform's tables are
 * in the same engine, which the broker lends in transactions.
 */
export async function openEmbedded(
  folder: string,
  onNotice: (message: string) => void,
  retain: Duration,
): Promise<Engine> {
  const broker = embedded(folder, { schema: SCHEMA, retain, onNotice })
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
  const mail = toMailSchema(SCHEMA)
  return {
    broker,
    tables: { database: new SqlDatabase(sql.query, mail), office: new SqlOffice(sql.query, mail) },
    keepDead: Number.POSITIVE_INFINITY,
    openRun: (wanted, send) => openSqlRun({ sql, broker, schema: SCHEMA, send }, wanted),
    close,
  }
}
