import type { D1Database } from '@cloudflare/workers-types'

/**
 * The table of dead letters, as SQL for D1. It is made on first use; put it into your migrations if the Worker may not
 * make tables.
 */
export const MIGRATION = `CREATE TABLE IF NOT EXISTS isobar_dead_letters (
  id TEXT PRIMARY KEY,
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
  body BLOB NOT NULL,
  content_type TEXT NOT NULL,
  claim TEXT,
  claimed_at INTEGER
);
CREATE INDEX IF NOT EXISTS isobar_dead_letters_by_time ON isobar_dead_letters (died_at, id);
CREATE INDEX IF NOT EXISTS isobar_dead_letters_by_queue ON isobar_dead_letters (queue, died_at, id);`

const made = new WeakSet<D1Database>()

/** Makes the table, once for each binding. */
export async function prepareTable(database: D1Database): Promise<void> {
  if (made.has(database)) return
  await database.batch(
    MIGRATION.split(';')
      .filter((sql) => sql.trim())
      .map((sql) => database.prepare(sql)),
  )
  made.add(database)
}
