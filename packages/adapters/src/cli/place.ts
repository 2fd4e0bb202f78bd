import { resolve } from 'node:path'
import { UsageError } from './errors.ts'
import type { Io } from './io.ts'

/** Where the jobs are. */
export type Place =
  | { readonly kind: 'database'; readonly url: string; readonly schema: string | undefined }
  | { readonly kind: 'folder'; readonly path: string; readonly schema: string | undefined }

/**
 * Where the jobs are, as options say, or else the environment. A command is never guessed a place: it may be one that
 * deletes.
 * @throws {UsageError} when neither says, or both do.
 */
export function toPlace(options: Readonly<Record<string, string | undefined>>, { env, cwd }: Io): Place {
  const { database, folder, schema } = options
  if (database !== undefined && folder !== undefined) {
    throw new UsageError('--database and --folder are both given; the jobs are in one of them')
  }
  if (database !== undefined) return toDatabase(database, '--database', schema)
  if (folder !== undefined) return { kind: 'folder', path: resolve(cwd, folder), schema }
  const { DATABASE_URL, ISOBAR_FOLDER } = env
  if (DATABASE_URL && ISOBAR_FOLDER) {
    throw new UsageError('DATABASE_URL and ISOBAR_FOLDER are both set; say which with --database URL or --folder PATH')
  }
  if (DATABASE_URL) return toDatabase(DATABASE_URL, 'DATABASE_URL', schema)
  if (ISOBAR_FOLDER) return { kind: 'folder', path: resolve(cwd, ISOBAR_FOLDER), schema }
  throw new UsageError(
    'nothing says where the jobs are; give --database postgres://… (or DATABASE_URL), or --folder ./data (or ISOBAR_FOLDER) for the embedded engine',
  )
}

function toDatabase(url: string, from: string, schema: string | undefined): Place {
  // The value is not shown: it may hold a password.
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new UsageError(`${from} is not the URL of a PostgreSQL database, such as postgres://user@host/name`)
  }
  return { kind: 'database', url, schema }
}
