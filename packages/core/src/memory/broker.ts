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
  Want,
} from '../broker.ts'
import type { Clock } from '../clock.ts'
import { OptionError, UnsupportedError } from '../errors.ts'
import type { Ticks } from '../ticks.ts'
import { toDeadLetter } from './entry.ts'
import { BrokerClosedError } from './errors.ts'
import { type MemoryBrokerOptions, toMemoryLimits } from './options.ts'
import { JobStore } from './store.ts'
import { createTicks } from './ticks.ts'
import { Waiters } from './waiters.ts'

/**
 * A broker that keeps everything in this process's memory: for tests, for development, and for work that may be lost
 * with its process. It is the reference of the contract: what other brokers must do, it does, and `brokerCases` in
 * `@isobar/core/testing` holds all of them to the same.
 *
 * Bounded: `send` fails with `BROKER_FULL` at `maxJobs` jobs or `maxDead` dead letters; a job already taken in is never
 * dropped for room. Explicit ids are unique among queued, running and dead jobs. An ack whose follow-up jobs find the
 * broker full becomes a retry after 1 s; one whose follow-up jobs it can never take becomes a dead letter.
 *
 * @example
 * const broker = createMemoryBroker({ maxJobs: 10_000 })
 * const jobs = createProducer(broker)
 *
 * @throws {OptionError} for a limit that cannot be.
 */
export function createMemoryBroker(options: MemoryBrokerOptions = {}): Broker {
  return new MemoryBroker(options)
}

/** The contract of a broker around a `JobStore`: time, waiting and closing. */
class MemoryBroker implements Broker {
  readonly name: string
  readonly can: Capabilities
  readonly deadLetters: DeadLetters
  readonly ticks: Ticks
  readonly #clock: Clock
  readonly #waiters: Waiters
  #store: JobStore | undefined

  constructor(options: MemoryBrokerOptions) {
    const limits = toMemoryLimits(options)
    this.name = limits.name
    this.can = limits.can
    this.#clock = limits.clock
    this.#store = new JobStore(limits)
    this.#waiters = new Waiters(limits.clock, {
      claim: (want) => this.#claim(want),
      // Nothing is swept here: what became due since the claim would be ready, and no moment to wait for.
      nextAt: (want) => this.#store?.nextAt(want) ?? Number.POSITIVE_INFINITY,
    })
    this.deadLetters = {
      list: async ({ queue, limit, cursor } = {}) => {
        const page = this.#open('list dead letters').dead.page({ queue, limit, cursor })
        return { items: page.entries.map(toDeadLetter), ...(page.cursor !== undefined && { cursor: page.cursor }) }
      },
      redrive: async (which) => {
        const redriven = this.#open('redrive dead letters').redrive(which, this.#clock.now())
        this.#waiters.wake()
        return redriven
      },
      discard: async (which) => this.#open('discard dead letters').discard(which),
    }
    this.ticks = createTicks({
      name: this.name,
      now: () => {
        this.#open('keep the record of schedules')
        return this.#clock.now()
      },
      add: (spec) => {
        this.#open('enqueue a tick').add([spec], this.#clock.now())
        this.#waiters.wake()
      },
    })
  }

  /** The store with everything done that time has brought about. */
  #open(action: string): JobStore {
    if (!this.#store) throw new BrokerClosedError(this.name, action)
    this.#store.sweep(this.#clock.now())
    return this.#store
  }

  #claim(want: Want): readonly Delivery[] {
    return this.#open('receive').claim(want, this.#clock.now())
  }

  #checkBatch(size: number, action: string): void {
    if (size <= this.can.maxBatch) return
    throw new UnsupportedError(
      this.name,
      `${action} ${size} jobs at once`,
      `${action} at most ${this.can.maxBatch} at a time`,
    )
  }

  async send(specs: readonly JobSpec[], options?: { readonly tx?: unknown }): Promise<readonly Enqueued[]> {
    const store = this.#open('send')
    if (options?.tx !== undefined) throw new UnsupportedError(this.name, 'enqueue in a transaction', 'leave tx out')
    const answers = store.add(specs, this.#clock.now())
    this.#waiters.wake()
    return answers
  }

  async receive(want: Want): Promise<readonly Delivery[]> {
    const store = this.#open('receive')
    checkLease(want.leaseMs)
    if (want.signal.aborted) return []
    const claimed = store.claim(want, this.#clock.now())
    return claimed.length || !(want.waitMs > 0) ? claimed : this.#waiters.wait(want)
  }

  async settle(done: readonly Settlement[]): Promise<readonly Lost[]> {
    const store = this.#open('settle')
    this.#checkBatch(done.length, 'settle')
    const now = this.#clock.now()
    const lost: Lost[] = []
    for (const settlement of done) {
      const gone = store.settle(settlement, now)
      if (gone) lost.push(gone)
    }
    this.#waiters.wake()
    return lost
  }

  async extend(held: readonly Delivery[], leaseMs: number): Promise<readonly Lost[]> {
    const store = this.#open('extend leases')
    checkLease(leaseMs)
    const now = this.#clock.now()
    const lost = held.map((delivery) => store.extend(delivery, leaseMs, now)).filter((gone) => gone !== undefined)
    this.#waiters.wake()
    return lost
  }

  async progress(delivery: Delivery, value: unknown): Promise<void> {
    this.#open('keep progress').progress(delivery, value)
  }

  async get(id: string): Promise<JobStatus | undefined> {
    return this.#open('look up a job').get(id)
  }

  async cancel(id: string): Promise<boolean> {
    return this.#open('cancel a job').cancel(id, this.#clock.now())
  }

  async stats(queues: readonly string[]): Promise<readonly QueueStats[]> {
    const store = this.#open('tell figures')
    const now = this.#clock.now()
    return queues.map((queue) => store.queues.stats(queue, now))
  }

  async pause(queue: string): Promise<void> {
    this.#open('pause a queue').queues.pause(queue, true)
  }

  async resume(queue: string): Promise<void> {
    this.#open('resume a queue').queues.pause(queue, false)
    this.#waiters.wake()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#store = undefined
    this.#waiters.close()
  }
}

function checkLease(leaseMs: number): void {
  if (leaseMs > 0 && leaseMs < Number.POSITIVE_INFINITY) return
  throw new OptionError(`a lease of ${leaseMs} ms cannot be kept; give a finite number above 0`)
}
