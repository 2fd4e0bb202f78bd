import type { Database, Query } from './database.ts'
import { SchemaVersionError } from './errors.ts'
import { quote } from './identifiers.ts'
import { MIGRATIONS } from './migrations/index.ts'

/** From which version to which a schema was brought. */
export interface Migrated {
  readonly from: number
  readonly to: number
}

/** How long a statement of a migration may take, in ms: rows of a large table may be rewritten. */
const MIGRATION_TIMEOUT_MS = 600_000

/**
 * Brings a schema to the newest version. Any number of processes may do so at once: they take turns, and all but the
 * first find nothing to do.
 * @throws {SchemaVersionError} when the schema is newer than this code.
 */
export async function migrate(database: Database, schema: string, broker: string): Promise<Migrated> {
  const at = await readVersion(database.query, schema)
  if (at === MIGRATIONS.length) return { from: at, to: at }
  return database.transaction(async (query) => {
    await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`isobar migrate ${schema}`])
    const from = await readVersion(query, schema)
    assertNotNewer(from, broker, schema)
    const s = quote(schema)
    // Only where it is missing: a role that was given the schema need not have the right to make one.
    const there = await query('SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema])
    if (there.length === 0) await query(`CREATE SCHEMA ${s}`)
    await query(`CREATE TABLE IF NOT EXISTS ${s}.migration (
      version integer NOT NULL PRIMARY KEY,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`)
    for (const [index, step] of MIGRATIONS.entries()) {
      if (index < from) continue
      for (const statement of toStatements(step(s, schema))) await query(statement)
      await query(`INSERT INTO ${s}.migration (version) VALUES ($1)`, [index + 1])
    }
    return { from, to: MIGRATIONS.length }
  }, MIGRATION_TIMEOUT_MS)
}

/**
 * Checks that a schema has the version of this code, for roles that may not change it.
 * @throws {SchemaVersionError} when it has another.
 */
export async function checkVersion(database: Database, schema: string, broker: string): Promise<void> {
  const version = await readVersion(database.query, schema)
  assertNotNewer(version, broker, schema)
  if (version < MIGRATIONS.length) {
    throw new SchemaVersionError(
      broker,
      `schema ${schema} has version ${version}, and this isobar needs ${MIGRATIONS.length}; run \`isobar migrate\` with a role that may change it`,
    )
  }
}

function assertNotNewer(version: number, broker: string, schema: string): void {
  if (version <= MIGRATIONS.length) return
  throw new SchemaVersionError(
    broker,
    `schema ${schema} has version ${version}, and this isobar knows ${MIGRATIONS.length}; update isobar here, or use another schema`,
  )
}

/** 0 for a schema that is not there. */
async function readVersion(query: Query, schema: string): Promise<number> {
  // Read from the catalog itself: `to_regclass` may answer from before the lock was waited for.
  const [found] = await query(
    `SELECT count(*)::integer FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = 'migration'`,
    [schema],
  )
  if (!Number(found?.[0])) return 0
  const [row] = await query(`SELECT coalesce(max(version), 0) FROM ${quote(schema)}.migration`)
  return Number(row?.[0])
}

/** The statements of a script. They end with `;` at the end of a line, but within a function's body. */
function toStatements(script: string): string[] {
  const statements: string[] = []
  let current = ''
  let isBody = false
  for (const line of script.split('\n')) {
    current += `${line}\n`
    if (line.split('$body$').length % 2 === 0) isBody = !isBody
    if (!isBody && line.trimEnd().endsWith(';')) {
      statements.push(current)
      current = ''
    }
  }
  return statements
}
