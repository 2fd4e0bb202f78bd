import {
  type Broker,
  type Capabilities,
  type DeadLetters,
  type Delivery,
  type Enqueued,
  type JobSpec,
  type JobStatus,
  type Lost,
  type QueueStats,
  type Settlement,
  type Ticks,
  UnsupportedError,
  type Want,
} from '@isobar/core'
import { toJsonText } from '@isobar/core/codec'
import { assertLease, assertSettled } from '../brokers/checks.ts'
import { queuesOf, withPossibleFollowUps } from '../brokers/settlements.ts'
import { Waiters } from '../brokers/waiters.ts'
import { Claimer } from './claims.ts'
import type { Connection } from './connection.ts'
import { createDeadLetters } from './dead-letters.ts'
import { type Claimed, toHold, tokenOf } from './deliveries.ts'
import { FailedByBullMQError } from './errors.ts'
import { JobSchedulers } from './job-schedulers.ts'
import { Bases, Keys, toId, toJobKey } from './keys.ts'
import { getStats, getStatus, type LookupContext } from './lookup.ts'
import { Markers } from './markers.ts'
import type { BullmqSettings } from './options.ts'
import { checkServer } from './server.ts'
import { toLost } from './settlements.ts'
import { settleAll } from './settling.ts'
import { checkAll, toSpecValues } from './specs.ts'
import { createTicks } from './ticks.ts'

/** A broker on BullMQ: all of `Broker`, and what only Redis can tell. */
export interface BullmqBroker extends Broker {
  /**
   * Opens the connection and looks whether the server will do. Every call opens it itself; this tells what is wrong at start.
   * @throws {RedisError | DriverMissingError}
   */
  ready(): Promise<void>
  /** The names of all queues that this prefix has or had, as far as isobar has sent to them or received from them. */
  queues(): Promise<readonly string[]>
}

/** How long a job waits whose job scheduler could not be kept going, in ms. */
const SCHEDULER_RETRY_MS = 1_000

/** The shortest pause between two looks, in ms. */
const LEAST_PAUSE_MS = 2

/** What one look found, and how long it is until something may be due, in ms. */
interface Looked {
  readonly deliveries: readonly Delivery[]
  readonly nextMs: number | undefined
}

/** The contract of a broker on the queues of BullMQ: see `lua/`. */
export class RedisBroker implements BullmqBroker {
  readonly name: string
  readonly can: Capabilities
  readonly deadLetters: DeadLetters
  readonly ticks: Ticks
  readonly #settings: BullmqSettings
  readonly #connection: Connection
  readonly #keys: Keys
  readonly #context: LookupContext
  readonly #waiters = new Waiters()
  readonly #markers: Markers
  readonly #claimer: Claimer
  readonly #schedulers: JobSchedulers

  constructor(connection: Connection, settings: BullmqSettings) {
    this.name = settings.name
    this.can = settings.can
    this.#settings = settings
    this.#connection = connection
    this.#keys = new Keys(settings.prefix)
    this.#context = { connection, keys: this.#keys, settings }
    this.#markers = new Markers(connection, this.#keys, this.#waiters)
    this.#claimer = new Claimer(connection, this.#keys, settings)
    this.#schedulers = new JobSchedulers(connection, settings)
    this.deadLetters = createDeadLetters(this.#context, () => this.#waiters.wake())
    this.ticks = createTicks(this.#context, (queues) => this.#waiters.wake(queues))
  }

  ready(): Promise<void> {
    return checkServer(this.#connection, this.#settings)
  }

  async send(specs: readonly JobSpec[], options?: { readonly tx?: unknown }): Promise<readonly Enqueued[]> {
    this.#connection.assertOpen('send')
    if (options?.tx !== undefined) throw new UnsupportedError(this.name, 'enqueue in a transaction', 'leave tx out')
    checkAll(specs, this.#keys, this.#settings)
    if (specs.length === 0) return []
    const bases = new Bases(this.#keys, this.#keys.queues)
    const values = specs.flatMap((spec) => toSpecValues(spec, bases, this.#settings))
    const answer = await this.#connection.run('send', 'send', bases.keys, [this.#keys.prefix, ...values])
    this.#waiters.wake(specs.map(({ queue }) => queue))
    const flat = answer as readonly (string | number)[]
    return specs.map(({ queue }, at) => ({
      id: toId(queue, String(flat[at * 2])),
      duplicate: flat[at * 2 + 1] === 1,
    }))
  }

  async receive(want: Want): Promise<readonly Delivery[]> {
    this.#connection.assertOpen('receive')
    assertLease(want.leaseMs)
    if (want.signal.aborted) return []
    const queues = new Set(want.queues.filter(({ max }) => max >= 1).map(({ name }) => name))
    const end = performance.now() + want.waitMs
    for (;;) {
      const seen = this.#waiters.version(queues)
      const { deliveries, nextMs } = await this.#claimUnlessClosed(want)
      const left = end - performance.now()
      if (deliveries.length > 0 || !(left > 0) || want.signal.aborted || this.#connection.isClosed) return deliveries
      const pause = Math.min(left, this.#settings.pollMs, Math.max(LEAST_PAUSE_MS, nextMs ?? left))
      const waiting = this.#waiters.wait(queues, seen, pause, want.signal)
      this.#markers.attend(queues)
      if ((await waiting) === 'closed') return []
    }
  }

  /** A claim that a broker which is disposed meanwhile has to give up has nothing. */
  async #claimUnlessClosed(want: Want): Promise<Looked> {
    try {
      return await this.#claim(want)
    } catch (error) {
      if (this.#connection.isClosed) return { deliveries: [], nextMs: undefined }
      throw error
    }
  }

  async #claim(want: Want): Promise<Looked> {
    const { claimed, nextMs } = await this.#claimer.claim(want)
    const aside = await this.#setAside(claimed)
    if (aside.length === 0) return { deliveries: claimed.map(({ delivery }) => delivery), nextMs }
    await this.settle(aside).catch((error: unknown) => {
      // They come back when their leases end, and those that came with them are not forgotten.
      this.#settings.onNotice(`broker ${this.name}: ${String(error)}`)
    })
    const settled = new Set(aside.map(({ delivery }) => delivery))
    const deliveries = claimed.map(({ delivery }) => delivery).filter((delivery) => !settled.has(delivery))
    // There may be more at once.
    return { deliveries, nextMs: 0 }
  }

  /** What BullMQ's workers do with some jobs before they run them. Answers those that are not to be run now. */
  async #setAside(claimed: readonly Claimed[]): Promise<readonly Settlement[]> {
    const aside: Settlement[] = []
    for (const { delivery, failure, scheduled } of claimed) {
      const endedAt = Date.now()
      if (scheduled) {
        try {
          await this.#schedulers.next(scheduled)
        } catch (error) {
          this.#settings.onNotice(
            `broker ${this.name}: ${String(error)}; job ${delivery.job.name} (id ${delivery.job.id}) waits meanwhile`,
          )
          aside.push({ delivery, outcome: { kind: 'release', delayMs: SCHEDULER_RETRY_MS, error }, endedAt })
          continue
        }
      }
      if (failure === undefined) continue
      aside.push({
        delivery,
        outcome: { kind: 'dead', reason: 'unrecoverable', error: new FailedByBullMQError(delivery.job, failure) },
        endedAt,
      })
    }
    return aside
  }

  async settle(done: readonly Settlement[]): Promise<readonly Lost[]> {
    this.#connection.assertOpen('settle')
    assertSettled(this.name, done.length, this.can.maxBatch)
    if (done.length === 0) return []
    const batch = done.map((settlement) =>
      withPossibleFollowUps(settlement, (specs) => checkAll(specs, this.#keys, this.#settings)),
    )
    const lost = await settleAll(this.#context, batch)
    const queues = queuesOf(batch)
    if (queues.size > 0) this.#waiters.wake(queues)
    return lost
  }

  async extend(held: readonly Delivery[], leaseMs: number): Promise<readonly Lost[]> {
    this.#connection.assertOpen('extend leases')
    assertLease(leaseMs)
    if (held.length === 0) return []
    const bases = new Bases(this.#keys, this.#keys.queues)
    const values = held.flatMap((delivery) => toHold(delivery, bases))
    const answer = await this.#connection.run('extend leases', 'extend', bases.keys, [Math.ceil(leaseMs), ...values])
    return toLost(answer, held)
  }

  async progress(delivery: Delivery, value: unknown): Promise<void> {
    const { id, lock } = tokenOf(delivery)
    const text = toJsonText(value, this.can.maxBytes)
    const keys = [this.#keys.queues, this.#keys.base(delivery.job.queue)]
    await this.#connection.run('keep progress', 'progress', keys, [id, lock, ...(text === undefined ? [] : [text])])
  }

  async get(id: string): Promise<JobStatus | undefined> {
    return getStatus(this.#context, id)
  }

  async cancel(id: string): Promise<boolean> {
    const { queue, id: own } = toJobKey(id)
    const { prefix, queues } = this.#keys
    const values = [prefix, queue, own, Math.ceil(this.#settings.retainMs)]
    return (await this.#connection.run('cancel a job', 'cancel', [queues], values)) === 1
  }

  async stats(queues: readonly string[]): Promise<readonly QueueStats[]> {
    this.#connection.assertOpen('tell figures')
    return getStats(this.#context, queues)
  }

  async queues(): Promise<readonly string[]> {
    return (await this.#connection.ask('list queues', (client) => client.smembers(this.#keys.queues))).sort()
  }

  async pause(queue: string): Promise<void> {
    await this.#setPaused(queue, true)
  }

  async resume(queue: string): Promise<void> {
    // A queue that an older BullMQ has paused is moved back in pieces.
    while ((await this.#setPaused(queue, false)) > 0);
    this.#waiters.wake([queue])
  }

  async #setPaused(queue: string, paused: boolean): Promise<number> {
    const action = paused ? 'pause a queue' : 'resume a queue'
    const base = this.#keys.base(queue)
    const [from, to] = paused ? ['wait', 'paused'] : ['paused', 'wait']
    const keys = [from, to, 'meta', 'prioritized', 'events', 'delayed', 'marker'].map((type) => `${base}${type}`)
    await this.#connection.ask(action, (client) => client.sadd(this.#keys.queues, queue))
    return Number(await this.#connection.run(action, 'pause', keys, [paused ? 'paused' : 'resumed', '1']))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiters.close()
    await Promise.all([this.#connection.close(), this.#markers.close()])
    await this.#schedulers.close()
  }
}
