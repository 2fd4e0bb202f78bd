import { query } from '../database.ts'

/** What the table of jobs takes on disk, in bytes. */
export interface TableSize {
  readonly table: number
  readonly indexes: number
  readonly live: number
  readonly dead: number
}

/** Asks the server how large the table of jobs is. */
export async function readTableSize(url: string): Promise<TableSize> {
  const [row] = await query<Record<keyof TableSize, string>>(
    url,
    `select pg_table_size(relid) as table, pg_indexes_size(relid) as indexes, n_live_tup as live, n_dead_tup as dead
     from pg_stat_user_tables where schemaname = 'isobar' and relname = 'job'`,
  )
  if (!row) throw new Error('there is no table isobar.job')
  const { table, indexes, live, dead } = row
  return { table: Number(table), indexes: Number(indexes), live: Number(live), dead: Number(dead) }
}

/** `12.3 MB and 4.5 MB of indexes`. */
export function describeSize({ table, indexes }: TableSize): string {
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
  return `${mb(table)} and ${mb(indexes)} of indexes`
}
