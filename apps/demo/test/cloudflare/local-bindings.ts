import { readdirSync, readFileSync } from 'node:fs'
import type { D1Database, R2Bucket } from '@cloudflare/workers-types'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { seed } from '../../src/cloudflare/seed.ts'

const MIGRATIONS = new URL('../../migrations/', import.meta.url)

/** The platform's bindings, on this machine. */
export interface LocalBindings extends AsyncDisposable {
  readonly database: D1Database
  readonly bucket: R2Bucket
}

/** Opens a D1 database with the demo's tables, and a bucket, both with what the trace names. */
export async function openLocalBindings(): Promise<LocalBindings> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      compatibilityDate: '2026-11-17',
      cf: false,
      modules: true,
      script: 'export default {}',
      d1Databases: { DB: 'db' },
      r2Buckets: { BUCKET: 'bucket' },
    }),
  )
  const database = (await miniflare.getD1Database('DB')) as unknown as D1Database
  const bucket = (await miniflare.getR2Bucket('BUCKET')) as unknown as R2Bucket
  await migrate(database)
  await seed(database, bucket)
  return { database, bucket, [Symbol.asyncDispose]: () => miniflare.dispose() }
}

/** Makes the demo's tables, as `wrangler d1 migrations apply` does. */
export async function migrate(database: D1Database): Promise<void> {
  for (const name of readdirSync(MIGRATIONS).sort()) {
    const sql = readFileSync(new URL(name, MIGRATIONS), 'utf8').replace(/--.*$/gm, '')
    await database.batch(
      sql
        .split(';')
        .filter((statement) => statement.trim() !== '')
        .map((statement) => database.prepare(statement)),
    )
  }
}
