import { OptionError } from '@isobar/core'
import { DatabaseBroker, type PostgresBroker } from './broker.ts'
import { DEFAULT_CONNECTIONS, type PostgresOptions, toSettings } from './options.ts'
import { openPool, type PostgresPool, usePool } from './pg-database.ts'

/** Options of `postgres` with a URL. */
export interface PostgresUrlOptions extends PostgresOptions {
  /** Connections that it opens at most. Default 6. */
  readonly connections?: number
}

/**
 * A broker on PostgreSQL 15 or newer: durable, shared by any number of workers and producers. Needs the package `pg`.
 * Takes a URL, or a pool of `pg` that is yours to end; a pool needs 3 connections or more to listen.
 *
 * @example
 * await serve(app, { broker: postgres('postgres://localhost/shop'), concurrency: 50 })
 *
 * @throws {OptionError} for options that cannot be. What is wrong with the database is told by `ready`, or the first call.
 */
export function postgres(urlOrPool: string | PostgresPool, options: PostgresUrlOptions = {}): PostgresBroker {
  const { connections = DEFAULT_CONNECTIONS } = options
  if (!Number.isSafeInteger(connections) || connections < 1)
    throw new OptionError(`connections ${connections} must be a whole number of at least 1`)
  if (!urlOrPool) throw new OptionError('postgres needs a URL or a pool: postgres(process.env.DATABASE_URL)')
  const settings = toSettings(options, 'postgres')
  const { statementTimeoutMs } = settings
  const open = async () =>
    typeof urlOrPool === 'string'
      ? openPool(urlOrPool, { statementTimeoutMs, connections })
      : usePool(urlOrPool, { statementTimeoutMs, connections: Number.POSITIVE_INFINITY })
  return new DatabaseBroker(open, settings, settings.listen ? 'listen' : 'none')
}
