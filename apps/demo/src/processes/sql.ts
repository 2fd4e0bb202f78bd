/** Asks one statement, with values for `$1`, `$2` … */
export type SqlQuery = <Row>(text: string, values?: unknown[]) => Promise<Row[]>

/** A transaction of the driver's own: jobs can be enqueued in it. */
export interface SqlTransaction {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>
}

/** A database as the demo asks it: PostgreSQL, or the embedded engine. */
export interface Sql {
  readonly query: SqlQuery
  /** Runs statements in one transaction; rolled back when `run` throws. */
  transaction<Value>(run: (tx: SqlTransaction) => Promise<Value>): Promise<Value>
}

/** A transaction as what asks statements. */
export function toQuery(tx: SqlTransaction): SqlQuery {
  return async <Row>(text: string, values?: unknown[]) => (await tx.query(text, values)).rows as Row[]
}
