import { IsobarError } from '@isobar/core'
import type { Database, Query, Row } from './database.ts'
import { BrokerClosedError, DatabaseError, isConflict } from './errors.ts'
import { quote } from './identifiers.ts'
import { checkVersion, type Migrated, migrate } from './migrate.ts'
import type { PostgresSettings } from './options.ts'

/** Times a statement is asked that is in another one's way. */
const CONFLICT_TRIES = 4

/**
 * The way to the database: opened and migrated at the first use, again after a failure, and no more once it is closed.
 * What fails is told with what was being done.
 */
export class Session {
  /** The schema's name, quoted. */
  readonly s: string
  readonly #open: () => Promise<Database>
  readonly #settings: PostgresSettings
  #opened: Database | undefined
  #opening: Promise<Database> | undefined
  #database: Promise<Database> | undefined
  #closing: Promise<void> | undefined

  constructor(open: () => Promise<Database>, settings: PostgresSettings) {
    this.#open = open
    this.#settings = settings
    this.s = quote(settings.schema)
  }

  /** The database, once it is open. */
  get opened(): Database | undefined {
    return this.#opened
  }

  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  /** @throws {BrokerClosedError} */
  assertOpen(action: string): void {
    if (this.#closing) throw new BrokerClosedError(this.#settings.name, action)
  }

  /** The database with its schema as this code needs it. */
  async database(action: string): Promise<Database> {
    this.assertOpen(action)
    this.#database ??= this.#prepare().catch((error: unknown) => {
      this.#database = undefined
      throw error
    })
    try {
      return await this.#database
    } catch (error) {
      throw this.#toError(action, error)
    }
  }

  /** Brings the schema to the newest version, whatever the options say. */
  async migrate(): Promise<Migrated> {
    this.assertOpen('migrate')
    const { schema, name } = this.#settings
    try {
      return await migrate(await this.#connect(), schema, name)
    } catch (error) {
      throw this.#toError('migrate', error)
    }
  }

  /** Asks one statement. */
  async ask(action: string, text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const { query } = await this.database(action)
    return this.again(action, () => query(text, values))
  }

  /** Does something again that was in the way of another transaction, and tells what fails. */
  async again<Value>(action: string, run: () => Promise<Value>): Promise<Value> {
    for (let tries = 1; ; tries++) {
      try {
        return await run()
      } catch (error) {
        if (tries < CONFLICT_TRIES && isConflict(error)) continue
        throw this.#toError(action, error)
      }
    }
  }

  /** Asks in a transaction of the user's. What fails there is theirs to roll back. */
  async askWithin(tx: unknown, action: string): Promise<Query> {
    const query = (await this.database(action)).within(tx)
    return async (text, values) => {
      try {
        return await query(text, values)
      } catch (error) {
        throw this.#toError(action, error)
      }
    }
  }

  /** Closes the connections, after `before` and when what is under way has ended. Twice is fine. */
  close(before: () => Promise<void>): Promise<void> {
    this.#closing ??= this.#close(before)
    return this.#closing
  }

  async #close(before: () => Promise<void>): Promise<void> {
    await Promise.allSettled([this.#opening, this.#database])
    try {
      await before()
    } finally {
      await (await this.#opening)?.close()
    }
  }

  async #connect(): Promise<Database> {
    // Kept, so that two who come at once open it once.
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    this.#opened = await this.#opening
    return this.#opened
  }

  async #prepare(): Promise<Database> {
    const { schema, name, migrate: isOurs } = this.#settings
    const database = await this.#connect()
    if (isOurs) await migrate(database, schema, name)
    else await checkVersion(database, schema, name)
    return database
  }

  #toError(action: string, error: unknown): unknown {
    return error instanceof IsobarError ? error : new DatabaseError(this.#settings.name, action, error)
  }
}
