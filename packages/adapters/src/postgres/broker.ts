import type {
  Broker,
  Capabilities,
  DeadLetters,
  Delivery,
  Enqueued,
  JobSpec,
  JobStatus,
  Lost,
  QueueStats,
  Settlement,
  Ticks,
  Want,
} from '@isobar/core'
import { toJsonText } from '@isobar/core/codec'
import { checkSpecs } from '@isobar/core/producer'
import { assertLease, assertSettled } from '../brokers/checks.ts'
import { queuesOf, withPossibleFollowUps } from '../brokers/settlements.ts'
import { Waiters } from '../brokers/waiters.ts'
import { ClaimSize } from './claim-size.ts'
import { type Database, isTrue } from './database.ts'
import { createDeadLetters } from './dead-letters.ts'
import { claimStatement, type Token, toClaimValues, toDeliveries } from './deliveries.ts'
import { extendLeases } from './leases.ts'
import { Listener } from './listener.ts'
import { type Execution, getExecutions, getQueues, getStats, getStatus } from './lookup.ts'
import { Maintainer } from './maintainer.ts'
import type { Migrated } from './migrate.ts'
import { Notifier } from './notifier.ts'
import { DEFAULT_POLL_MS, type PostgresSettings } from './options.ts'
import { enqueueAll, enqueueWithin, type Notice } from './sending.ts'
import { Session } from './session.ts'
import { settleAll } from './settling.ts'
import { assertTexts } from './specs.ts'
import { createTicks } from './ticks.ts'

/** A broker on Postgres: all of `Broker`, and what only a database can tell. */
export interface PostgresBroker extends Broker {
  /**
   * Opens the database and brings its tables up to date. Every call does so itself; this tells what is wrong at start.
   * @throws {DatabaseError | SchemaVersionError | DriverMissingError}
   */
  ready(): Promise<void>
  /**
   * Brings the tables up to date, also where the option `migrate` is false.
   * @throws {DatabaseError | SchemaVersionError | DriverMissingError}
   */
  migrate(): Promise<Migrated>
  /** The names of all queues that hold jobs, dead ones included, or are paused. */
  queues(): Promise<readonly string[]>
  /** The runs of a job's handler, oldest first, at most 1,000: where the option `log` is on. */
  executions(id: string): Promise<readonly Execution[]>
}

/** The first wait between two looks of a worker that hears of nothing, in ms; doubled up to `poll`. */
const FIRST_PAUSE_MS = 10

/** Whether changes reach this process: none from others, by LISTEN, or all of them since all happen here. */
export type Hearing = 'none' | 'listen' | 'local'

/** The contract of a broker on a database whose tables and functions do the work: see `migrations/`. */
export class DatabaseBroker implements PostgresBroker {
  readonly name: string
  readonly can: Capabilities
  readonly deadLetters: DeadLetters
  readonly ticks: Ticks
  readonly #settings: PostgresSettings
  protected readonly session: Session
  readonly #hearing: Hearing
  readonly #channel: string
  protected readonly waiters: Waiters = new Waiters()
  /** Calls that enqueued in a transaction of the user's. */
  protected sentWithin = 0
  readonly #notifier: Notifier
  readonly #maintainer: Maintainer
  #listener: Listener | undefined
  readonly #claimSize = new ClaimSize()
  #pauseMs = FIRST_PAUSE_MS

  constructor(open: () => Promise<Database>, settings: PostgresSettings, hearing: Hearing) {
    this.name = settings.name
    this.can = settings.can
    this.#settings = settings
    this.#hearing = hearing
    this.session = new Session(open, settings)
    this.#channel = `isobar_${settings.schema}`
    this.#notifier = new Notifier((queues) => this.#notify(queues))
    this.#maintainer = new Maintainer(this.session, settings)
    this.deadLetters = createDeadLetters(this.session, hearing === 'local' ? null : this.#channel, () =>
      this.waiters.wake(),
    )
    this.ticks = createTicks(this.session, this, (queue) => this.#wake(queue))
  }

  async ready(): Promise<void> {
    await this.session.database('open')
    await this.#maintainer.prepare()
  }

  migrate(): Promise<Migrated> {
    return this.session.migrate()
  }

  async send(specs: readonly JobSpec[], options?: { readonly tx?: unknown }): Promise<readonly Enqueued[]> {
    this.session.assertOpen('send')
    this.#check(specs)
    if (specs.length === 0) return []
    const queues = new Set(specs.map((spec) => spec.queue))
    const tx = options?.tx
    if (tx !== undefined) {
      this.sentWithin++
      const told = this.#hearing === 'local' ? null : [...queues]
      return enqueueWithin(this.session, tx, specs, { channel: this.#channel, queues: told })
    }
    const answers = await enqueueAll(this.session, specs, this.#toNotice(queues))
    this.waiters.wake(queues)
    return answers
  }

  /** @throws {UnsupportedError | PayloadTooLargeError | OptionError} for jobs that it cannot take. */
  #check(specs: readonly JobSpec[]): void {
    checkSpecs(specs, this)
    assertTexts(specs)
  }

  async receive(want: Want): Promise<readonly Delivery[]> {
    this.session.assertOpen('receive')
    assertLease(want.leaseMs)
    if (want.signal.aborted) return []
    this.#maintainer.start()
    const queues = new Set(want.queues.map((queue) => queue.name))
    const end = performance.now() + want.waitMs
    for (;;) {
      const seen = this.waiters.version(queues)
      const deliveries = await this.#claim(want)
      const left = end - performance.now()
      if (deliveries.length > 0) {
        this.#pauseMs = FIRST_PAUSE_MS
        return deliveries
      }
      if (!(left > 0) || want.signal.aborted || this.session.isClosed) return []
      const pause = Math.min(left, await this.#pause(want))
      const woken = await this.waiters.wait(queues, seen, pause, want.signal)
      if (woken === 'closed') return []
      this.#pauseMs = woken === 'woken' ? FIRST_PAUSE_MS : this.#pauseMs * 2
    }
  }

  async #claim(want: Want): Promise<readonly Delivery[]> {
    if (!(want.max >= 1) || want.queues.length === 0) return []
    const leaseUntil = Date.now() + want.leaseMs
    const rows = await this.session.ask(
      'receive',
      claimStatement(this.session.s),
      toClaimValues(want, this.#claimSize.most),
    )
    this.#claimSize.add(rows)
    return toDeliveries(rows, want, leaseUntil)
  }

  /** How long to wait before the next look, in ms: until something is due, at most as long as the options say. */
  async #pause({ queues }: Want): Promise<number> {
    const hears = this.#hears()
    const most = this.#settings.pollMs ?? (hears ? DEFAULT_POLL_MS.listening : DEFAULT_POLL_MS.deaf)
    this.#pauseMs = Math.min(this.#pauseMs, most)
    const [row] = await this.session.ask('receive', `SELECT ${this.session.s}.next_due($1)`, [
      queues.filter(({ max }) => max >= 1).map(({ name }) => name),
    ])
    const due = row?.[0] === null || row === undefined ? most : Math.ceil(Number(row[0]))
    // What is due and was not had is in the hands of somebody else, or has become due since.
    return Math.min(hears && due > 0 ? most : this.#pauseMs, due > 0 ? due : most)
  }

  /** Whether changes made elsewhere are heard of. The first to wait starts the listening. */
  #hears(): boolean {
    if (this.#hearing !== 'listen') return this.#hearing === 'local'
    this.#listener ??= this.#listen()
    return this.#listener?.isListening ?? false
  }

  #listen(): Listener | undefined {
    const database = this.session.opened
    if (!database?.listen) return undefined
    const listener = new Listener({
      database,
      channel: this.#channel,
      onChange: (queue) => this.waiters.wake(queue === undefined ? undefined : [queue]),
      onNotice: (message) => this.#settings.onNotice(`broker ${this.name}: ${message}`),
    })
    listener.start()
    return listener
  }

  async settle(done: readonly Settlement[]): Promise<readonly Lost[]> {
    this.session.assertOpen('settle')
    assertSettled(this.name, done.length, this.can.maxBatch)
    if (done.length === 0) return []
    const batch = done.map((settlement) => withPossibleFollowUps(settlement, (specs) => this.#check(specs)))
    const queues = queuesOf(batch)
    const context = { session: this.session, settings: this.#settings, maintainer: this.#maintainer }
    const lost = await settleAll(context, batch, this.#toNotice(queues))
    if (queues.size > 0) this.waiters.wake(queues)
    this.#maintainer.settled(done.length)
    return lost
  }

  async extend(held: readonly Delivery[], leaseMs: number): Promise<readonly Lost[]> {
    this.session.assertOpen('extend leases')
    assertLease(leaseMs)
    return extendLeases(this.session, held, leaseMs)
  }

  async progress(delivery: Delivery, value: unknown): Promise<void> {
    const text = toJsonText(value, this.can.maxBytes)
    const { seq, delivery: nth } = delivery.token as Token
    await this.session.ask(
      'keep progress',
      `UPDATE ${this.session.s}.job SET progress = $3::json
      WHERE seq = $1 AND delivery = $2 AND state = 'running' AND due_at > statement_timestamp()`,
      [seq, nth, text ?? null],
    )
  }

  get(id: string): Promise<JobStatus | undefined> {
    return getStatus(this.session, id)
  }

  async cancel(id: string): Promise<boolean> {
    this.session.assertOpen('cancel a job')
    if (id.includes('\u0000')) return false
    const values = [id, this.#settings.retainMs > 0]
    const [row] = await this.#maintainer.withPartitions(() =>
      this.session.ask('cancel a job', `SELECT ${this.session.s}.cancel($1, $2)`, values),
    )
    return isTrue(row?.[0])
  }

  stats(queues: readonly string[]): Promise<readonly QueueStats[]> {
    this.session.assertOpen('tell figures')
    return getStats(this.session, queues)
  }

  queues(): Promise<readonly string[]> {
    return getQueues(this.session)
  }

  executions(id: string): Promise<readonly Execution[]> {
    return getExecutions(this.session, id)
  }

  async pause(queue: string): Promise<void> {
    await this.session.ask(
      'pause a queue',
      `INSERT INTO ${this.session.s}.paused_queue (queue) VALUES ($1) ON CONFLICT DO NOTHING`,
      [queue],
    )
  }

  async resume(queue: string): Promise<void> {
    await this.session.ask(
      'resume a queue',
      `WITH resumed AS (DELETE FROM ${this.session.s}.paused_queue WHERE queue = $1 RETURNING queue)
      SELECT pg_notify($2, queue) FROM resumed WHERE $2 IS NOT NULL`,
      [queue, this.#hearing === 'local' ? null : this.#channel],
    )
    this.waiters.wake([queue])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.waiters.close()
    this.#notifier.close()
    await this.session.close(async () => {
      await Promise.all([this.#listener?.stop(), this.#maintainer.stop()])
    })
  }

  /** Whom a statement is to notify, if anybody. */
  #toNotice(changed: ReadonlySet<string>): Notice {
    const isTold = this.#hearing !== 'local' && changed.size > 0
    return { channel: this.#channel, queues: isTold ? this.#notifier.take(changed) : null }
  }

  /** Wakes who waits for a queue, here and elsewhere. */
  #wake(queue: string): void {
    this.waiters.wake([queue])
    // Whoever is not told finds the jobs by looking.
    if (this.#hearing !== 'local') this.#notify([queue]).catch(() => {})
  }

  async #notify(queues: readonly string[]): Promise<void> {
    await this.session.ask('notify', 'SELECT pg_notify($1, q) FROM unnest($2::text[]) AS q', [this.#channel, queues])
  }
}
