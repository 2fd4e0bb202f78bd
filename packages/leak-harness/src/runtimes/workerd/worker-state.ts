import { existsSync } from 'node:fs'
import { cp, readdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Miniflare } from 'miniflare'
import { HarnessError } from '../../errors.ts'
import type { WorkerProject } from './worker-project.ts'

/** Where `wrangler dev` keeps the state of local bindings, in the folder of the configuration. */
const LOCAL_STATE = '.wrangler/state/v3'

/** Where wrangler looks for the migrations of a database that says nothing. */
const DEFAULT_MIGRATIONS = 'migrations'

/** Copies what `wrangler dev` has kept of local bindings, so that nothing of it is changed; false when there is none. */
export async function copyLocalState(config: string, folder: string): Promise<boolean> {
  const state = join(dirname(config), LOCAL_STATE)
  if (!existsSync(state)) return false
  await cp(state, folder, { recursive: true })
  return true
}

/**
 * Applies the migrations of each D1 database, as `wrangler d1 migrations apply --local` does.
 * @throws {HarnessError} `HARNESS_LOAD` naming the file that cannot be applied.
 */
export async function applyMigrations(
  miniflare: Miniflare,
  { config, name, wrangler }: WorkerProject,
  configPath: string,
): Promise<void> {
  for (const { binding, migrations_dir = DEFAULT_MIGRATIONS } of config.d1_databases) {
    const folder = resolve(dirname(configPath), migrations_dir)
    if (!existsSync(folder)) continue
    const database = await miniflare.getD1Database(binding, name)
    const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
    for (const file of files) {
      const sql = await readFile(join(folder, file), 'utf8')
      try {
        for (const statement of wrangler.library.unstable_splitSqlQuery(sql)) await database.prepare(statement).run()
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new HarnessError('HARNESS_LOAD', `${join(folder, file)} cannot be applied to ${binding}: ${reason}`, {
          cause,
        })
      }
    }
  }
}
