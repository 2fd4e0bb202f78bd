import type { PGlite, Transaction } from '@electric-sql/pglite'
import { OptionError } from '@isobar/core'
import type { Database, Query, Row } from './database.ts'
import { DriverMissingError } from './errors.ts'

/** What asks statements in PGlite: the engine, or one of its transactions. */
type Asking = Pick<Transaction, 'query'>

/** Opens PGlite on a folder, or in memory for `memory://`. */
export async function openPglite(dataDir: string): Promise<PgliteDatabase> {
  const { PGlite: Engine } = await loadPglite()
  return new PgliteDatabase(await Engine.create({ dataDir }))
}

async function loadPglite(): Promise<typeof import('@electric-sql/pglite')> {
  try {
    return await import('@electric-sql/pglite')
  } catch (cause) {
    throw new DriverMissingError('@electric-sql/pglite', { cause })
  }
}

/** PostgreSQL in this process. It has one connection: statements take turns, and a transaction holds up all others. */
export class PgliteDatabase implements Database {
  readonly query: Query
  readonly listen = undefined
  readonly #engine: PGlite

  constructor(engine: PGlite) {
    this.#engine = engine
    this.query = toQuery(engine)
  }

  transaction<Value>(run: (query: Query, tx: Transaction) => Promise<Value>): Promise<Value> {
    return this.#engine.transaction((tx) => run(toQuery(tx), tx))
  }

  within(tx: unknown): Query {
    if (typeof (tx as Partial<Asking> | null)?.query !== 'function')
      throw new OptionError('tx must be the transaction that broker.transaction() gives')
    return toQuery(tx as Asking)
  }

  /** The engine has no process of its own that would do it. */
  readonly vacuum = async (table: string): Promise<void> => {
    await this.#engine.exec(`VACUUM ${table}`)
  }

  async close(): Promise<void> {
    await this.#engine.close()
  }
}

/** JSON is passed on as the text that it is; 114 is its type's number. */
const JSON_AS_TEXT = { 114: (text: string) => text }

function toQuery(asking: Asking): Query {
  return async (text, values = []) => {
    const { rows } = await asking.query(text, values as unknown[], { rowMode: 'array', parsers: JSON_AS_TEXT })
    return rows as unknown as Row[]
  }
}
