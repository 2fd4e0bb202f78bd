import { join } from 'node:path'
import { type Duration, OptionError, Scope, toMs } from '@isobar/core'
import { DatabaseBroker, type PostgresBroker } from './broker.ts'
import type { Database } from './database.ts'
import { serveApi } from './embedded/api-server.ts'
import { lockFolder } from './embedded/folder-lock.ts'
import { TransactionTooLongError } from './errors.ts'
import { quote } from './identifiers.ts'
import { type PostgresOptions, toSettings } from './options.ts'
import { openPglite, type PgliteDatabase } from './pglite-database.ts'

/** How long a transaction of the user's may hold the engine by default, in ms: heartbeats wait as long. */
export const DEFAULT_TRANSACTION_TIMEOUT_MS = 5_000

/** Where the engine keeps its data, inside of the folder. */
const DATA = 'data'

/** Options of `embedded`. */
export interface EmbeddedOptions extends Omit<PostgresOptions, 'listen'> {
  /** How long a transaction may be open before it is rolled back. Default 5 s; keep it well below a lease. */
  readonly transactionTimeout?: Duration
  /** Whether the command `isobar` may work on the engine while it runs, over the loopback interface. Default true. */
  readonly api?: boolean
}

/** A transaction of the embedded engine: asks statements with values for `$1`, `$2` … */
export interface EmbeddedTransaction {
  query<Value = Record<string, unknown>>(text: string, values?: unknown[]): Promise<{ readonly rows: Value[] }>
  exec(text: string): Promise<unknown>
}

/** A broker on the embedded engine. */
export interface EmbeddedBroker extends PostgresBroker {
  /**
   * Runs a transaction of yours, also on tables of yours in the same engine; pass `tx` on to `enqueue`. Everything else
   * on the engine waits meanwhile, so that it is rolled back after `transactionTimeout`.
   * @throws {TransactionTooLongError} and whatever `run` throws: it is rolled back then.
   */
  transaction<Value>(run: (tx: EmbeddedTransaction) => Promise<Value>): Promise<Value>
}

/**
 * A broker on a PostgreSQL inside this process, with its data in a folder: durable without a server. Needs the package
 * `@electric-sql/pglite`. One process at a time has the folder; `memory://` keeps everything in memory instead.
 *
 * @example
 * await serve(app, { broker: embedded('./data'), concurrency: 10 })
 *
 * @throws {OptionError} for options that cannot be. A folder that another process holds is told by `ready`, or the first
 * call: `FolderLockedError`.
 */
export function embedded(folder: string, options: EmbeddedOptions = {}): EmbeddedBroker {
  if (!folder) throw new OptionError('embedded needs a folder: embedded("./data")')
  const transactionMs = toMs(options.transactionTimeout ?? DEFAULT_TRANSACTION_TIMEOUT_MS)
  if (!(transactionMs > 0)) throw new OptionError('transactionTimeout must be more than 0')
  return new Embedded(folder, options, transactionMs)
}

class Embedded extends DatabaseBroker implements EmbeddedBroker {
  readonly #transactionMs: number

  constructor(folder: string, options: EmbeddedOptions, transactionMs: number) {
    const settings = toSettings({ ...options, listen: false }, 'embedded')
    const open = (): Promise<Database> =>
      folder.startsWith('memory://')
        ? openPglite(folder)
        : openFolder(folder, settings.schema, options.api === false ? undefined : this)
    super(open, settings, 'local')
    this.#transactionMs = transactionMs
  }

  async transaction<Value>(run: (tx: EmbeddedTransaction) => Promise<Value>): Promise<Value> {
    const database = (await this.session.database('run a transaction')) as PgliteDatabase
    const before = this.sentWithin
    const value = await database.transaction(async (_query, tx) => {
      let timer: NodeJS.Timeout | undefined
      const tooLong = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new TransactionTooLongError(this.name, this.#transactionMs)),
          this.#transactionMs,
        )
      })
      try {
        return await Promise.race([run(tx as EmbeddedTransaction), tooLong])
      } finally {
        clearTimeout(timer)
      }
    })
    // What was enqueued in it nobody could see until now.
    if (this.sentWithin !== before) this.waiters.wake()
    return value
  }
}

/** Locks the folder, opens the engine in it, and lets the command `isobar` in where `broker` is given. */
async function openFolder(folder: string, schema: string, broker: PostgresBroker | undefined): Promise<Database> {
  // Disposes last-in-first-out: the engine is closed before another process may have its folder.
  const scope = new Scope()
  try {
    const lock = scope.use(await lockFolder(folder))
    const database = await openPglite(join(folder, DATA))
    const close = database.close.bind(database)
    scope.defer(close)
    await endLeases(database, schema)
    if (broker) await lock.publish(scope.use(await serveApi(broker, { token: lock.token })).address)
    database.close = () => scope[Symbol.asyncDispose]()
    return database
  } catch (error) {
    await scope[Symbol.asyncDispose]()
    throw error
  }
}

/** Whoever ran jobs of this folder is gone, as its lock was ours to take: they need not wait for their leases to end. */
async function endLeases({ query }: Database, schema: string): Promise<void> {
  const [table] = await query('SELECT to_regclass($1)::text', [`${quote(schema)}.job`])
  if (!table?.[0]) return
  await query(`UPDATE ${quote(schema)}.job SET due_at = now() WHERE state = 'running' AND due_at > now()`)
}
