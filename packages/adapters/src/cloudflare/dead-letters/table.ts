import type { D1Database } from '@cloudflare/workers-types'

/**
 * The table of dead letters, as SQL for D1. It is made on first use; put it into your migrations if the Worker may not
 * make tables: `migrations/0001_isobar_dead_letters.sql` beside this file has it.
 */
export const MIGRATION = `CREATE TABLE IF NOT EXISTS isobar_dead_letters (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  queue TEXT NOT NULL,
  priority TEXT NOT NULL,
  reason TEXT NOT NULL,
  error TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  crashes INTEGER NOT NULL,
  enqueued_at INTEGER NOT NULL,
  died_at INTEGER NOT NULL,
  redrives INTEGER NOT NULL,
  tenant TEXT,
  body TEXT NOT NULL,
  kind TEXT NOT NULL,
  claim TEXT,
  claimed_at INTEGER
);
CREATE INDEX IF NOT EXISTS isobar_dead_letters_by_time ON isobar_dead_letters (died_at, seq);
CREATE INDEX IF NOT EXISTS isobar_dead_letters_by_queue ON isobar_dead_letters (queue, died_at, seq);
`

const made = new WeakSet<D1Database>()

/** Makes the table, once for each binding. */
export async function prepareTable(database: D1Database): Promise<void> {
  if (made.has(database)) return
  const statements = MIGRATION.split(';').filter((sql) => sql.trim())
  await database.batch(statements.map((sql) => database.prepare(sql)))
  made.add(database)
}

/** Looks again, at the next use, whether the table is there: a query on it has failed. */
export function forgetTable(database: D1Database): void {
  made.delete(database)
}
