import { DatabaseError, isMissingPartition } from './errors.ts'
import type { PostgresSettings } from './options.ts'
import type { Session } from './session.ts'

/** Between two rounds of maintenance, in ms. */
const EVERY_MS = 60_000

/** Jobs settled between two VACUUMs, where the database does none of its own. */
const VACUUM_EVERY = 10_000

/**
 * Does what only time brings about: partitions come and go, windows end. Any broker that receives does it, one at a time;
 * a round that fails is made up for by the next.
 */
export class Maintainer {
  readonly #session: Session
  readonly #settings: PostgresSettings
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #settled = 0
  #vacuuming: Promise<void> | undefined
  #stopped = false
  #checkedVacuum = false

  constructor(session: Session, settings: PostgresSettings) {
    this.#session = session
    this.#settings = settings
  }

  /** Makes the partitions that the first settle needs. */
  async prepare(): Promise<void> {
    if (this.#settings.retainMs > 0 || this.#settings.logMs > 0) await this.#run(true)
  }

  /** Starts the rounds, once. */
  start(): void {
    if (this.#timer || this.#stopped) return
    this.#timer = setInterval(() => this.#round(), EVERY_MS)
    this.#timer.unref?.()
    this.#round()
  }

  /** Asks what writes to partitions: once more where one was missing, as after a long standstill. */
  async withPartitions<Value>(ask: () => Promise<Value>): Promise<Value> {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof DatabaseError && isMissingPartition(error.cause))) throw error
      await this.#run(true)
      return ask()
    }
  }

  /** Counts what was settled, and reclaims its room now and then where the database does not. */
  settled(count: number): void {
    this.#settled += count
    const vacuum = this.#session.opened?.vacuum
    if (!vacuum || this.#settled < VACUUM_EVERY || this.#vacuuming || this.#stopped) return
    this.#settled = 0
    this.#vacuuming = vacuum(`${this.#session.s}.job, ${this.#session.s}.held_key`)
      .catch(() => {})
      .finally(() => {
        this.#vacuuming = undefined
      })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await Promise.all([this.#running, this.#vacuuming])
  }

  /** A queue's table lives from VACUUM: without one it grows, and slows down, in silence. Told once. */
  async #checkVacuum(): Promise<void> {
    if (this.#checkedVacuum || this.#session.opened?.vacuum) return
    this.#checkedVacuum = true
    const [row] = await this.#session.ask('look at the settings', `SELECT current_setting('autovacuum')`)
    if (row?.[0] !== 'off') return
    this.#settings.onNotice(
      `broker ${this.#settings.name}: autovacuum is off on this server, so that its tables will only grow; set autovacuum = on, or VACUUM ${this.#session.s}.job regularly`,
    )
  }

  /** One round. With `patient`, after those of others; else there is none while another has its own. */
  async #run(patient: boolean): Promise<void> {
    const { retainMs, logMs } = this.#settings
    const values = [retainMs, logMs, patient]
    await this.#session.ask('maintain the tables', `SELECT ${this.#session.s}.maintain($1, $2, $3)`, values)
  }

  #round(): void {
    if (this.#running) return
    this.#running = this.#run(false)
      .then(() => this.#checkVacuum())
      .catch((error: unknown) => {
        if (!this.#stopped) this.#settings.onNotice(`broker ${this.#settings.name}: ${String(error)}`)
      })
      .finally(() => {
        this.#running = undefined
      })
  }
}
