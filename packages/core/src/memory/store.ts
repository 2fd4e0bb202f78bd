import type {
  DeadLetterSelection,
  Delivery,
  Enqueued,
  JobSpec,
  JobStatus,
  Lost,
  Outcome,
  Settlement,
  Want,
} from '../broker.ts'
import { checkSpecs } from '../check-specs.ts'
import { toJsonText } from '../json-text.ts'
import { serializeError } from '../serialized-error.ts'
import { DeadStore } from './dead-store.ts'
import { createEntry, type Entry, revive, toDelivery, toStatus } from './entry.ts'
import { BrokerFullError } from './errors.ts'
import { Finished } from './finished.ts'
import { Keys } from './keys.ts'
import { Leases } from './leases.ts'
import type { MemoryLimits } from './options.ts'
import { Queues } from './queues.ts'
import { checkRoom } from './room.ts'

type Ack = Extract<Outcome, { kind: 'ack' }>
type Retry = Omit<Extract<Outcome, { kind: 'retry' }>, 'kind'>
type Death = Omit<Extract<Outcome, { kind: 'dead' }>, 'kind'>

/** Delay in ms after which a job runs again whose follow-ups found the broker full. */
export const FULL_RETRY_MS = 1_000

/**
 * What the memory broker knows, and every move a job can make. Nothing here waits: each call is one step that no other
 * comes between, given the time.
 *
 *     queued ──claim──► running ──ack──► done ──► forgotten
 *       ▲ ▲               │ │ └──cancel──► canceled ──► forgotten
 *       │ └─retry, release, expiry┘ └──dead──► dead ──discard──► forgotten
 *       └───────────────redrive─────────────────┘
 *
 * - queued: waits in its queue, in the lane of its priority, by due time. A cancel takes it out.
 * - running: leased. The fencing token of its latest delivery is the only one that can move it; when the lease ends it
 *   is queued again at the next call (`sweep`), in its old place, its crashes raised.
 * - done, canceled: known to `get` for a while. A job cancelled while it ran also keeps its lease until its owner has
 *   been told or the lease ends, so that the owner hears `canceled` and not `lease`.
 * - dead: kept until somebody redrives or discards it.
 *
 * Retries wait their delay and line up anew; a release without a delay and an expired lease keep their place.
 */
export class JobStore {
  readonly queues: Queues = new Queues()
  readonly dead: DeadStore = new DeadStore()
  readonly #limits: MemoryLimits
  /** Queued and running. */
  readonly #alive = new Map<string, Entry>()
  readonly #finished: Finished
  readonly #keys = new Keys()
  readonly #leases = new Leases()
  #lastOrder = 0

  constructor(limits: MemoryLimits) {
    this.#limits = limits
    this.#finished = new Finished(limits.retain)
  }

  /** Does what time has brought about: leases and windows end. Comes before every other call. */
  sweep(now: number): void {
    this.#keys.expire(now)
    this.#leases.expire(now, (entry) => {
      entry.crashes++
      this.#requeue(entry, entry.due, now)
    })
  }

  /** Adds jobs, all or none; throws what `checkSpecs` throws, and `BrokerFullError`. */
  add(specs: readonly JobSpec[], now: number): Enqueued[] {
    checkSpecs(specs, this.#limits)
    const { size: jobs } = this.#alive
    const { size: dead } = this.dead
    const { windows } = this.#keys
    checkRoom(specs, { jobs, dead, windows, holder: (spec) => this.#holder(spec) }, this.#limits)
    return specs.map((spec) => this.#addOne(spec, now))
  }

  #addOne(spec: JobSpec, now: number): Enqueued {
    const holder = this.#holder(spec)
    if (holder !== undefined) return { id: holder, duplicate: true }
    const entry = createEntry(spec, spec.id ?? crypto.randomUUID(), ++this.#lastOrder, now)
    this.#finished.delete(entry.id)
    this.#alive.set(entry.id, entry)
    this.#keys.hold(entry, spec.dedupe ?? { mode: 'alive' }, now)
    this.queues.open(entry.queue).push(entry, now)
    return { id: entry.id, duplicate: false }
  }

  /** The job that a new one would duplicate. A dead letter keeps its id until it is redriven or discarded. */
  #holder({ id, queue, key }: JobSpec): string | undefined {
    if (id !== undefined && (this.#alive.has(id) || this.dead.get(id))) return id
    return key === undefined ? undefined : this.#keys.holder(queue, key)
  }

  /** Leases what is due, in order. */
  claim({ queues, max, leaseMs, workerId }: Want, now: number): Delivery[] {
    const claimed: Delivery[] = []
    const room = Math.min(max, this.#limits.can.maxBatch)
    for (const want of queues) {
      const queue = this.queues.find(want.name)
      if (!queue || queue.paused) continue
      queue.promote(now)
      for (let left = Math.min(want.max, room - claimed.length); left >= 1; left--) {
        const entry = queue.shift()
        if (!entry) break
        entry.state = 'running'
        entry.workerId = workerId
        entry.progress = undefined
        this.#leases.grant(entry, now + leaseMs)
        queue.active++
        if (entry.dedupe === 'queued') this.#keys.free(entry)
        claimed.push(toDelivery(entry))
      }
    }
    return claimed
  }

  /** When something may become due for a worker that wants these queues, ms since the epoch. */
  nextAt(want: Want): number {
    let next = this.#leases.nextEnd()
    for (const { name } of want.queues) {
      const queue = this.queues.find(name)
      if (queue && !queue.paused) next = Math.min(next, queue.nextDue())
    }
    return next
  }

  /** Settles one delivery. Answers how it is lost, if it is. */
  settle({ delivery, outcome, startedAt }: Settlement, now: number): Lost | undefined {
    const entry = this.#ours(delivery)
    if (!entry) {
      const reason = this.#leases.reason(delivery)
      this.#leases.forget(delivery)
      return { delivery, reason }
    }
    switch (outcome.kind) {
      case 'ack':
        this.#ack(entry, outcome, startedAt, now)
        break
      case 'retry':
        this.#retry(entry, outcome, now)
        break
      case 'dead':
        this.#die(entry, outcome, startedAt, now)
        break
      case 'release':
        if (outcome.suspect) entry.crashes++
        if (outcome.error !== undefined) entry.error = serializeError(outcome.error)
        this.#requeue(entry, outcome.delayMs ? this.#dueIn(outcome.delayMs, now) : entry.due, now)
        break
    }
    return undefined
  }

  /** The job of a delivery that still holds it. */
  #ours(delivery: Delivery): Entry | undefined {
    const entry = this.#alive.get(delivery.job.id)
    return entry?.state === 'running' && entry.token === delivery.token ? entry : undefined
  }

  #ack(entry: Entry, { result, enqueue = [] }: Ack, startedAt: number | undefined, now: number): void {
    // The job goes before its follow-ups come, so that one of them may have its key.
    this.#alive.delete(entry.id)
    this.#keys.free(entry)
    try {
      this.add(enqueue, now)
    } catch (error) {
      this.#alive.set(entry.id, entry)
      if (entry.dedupe === 'alive') this.#keys.hold(entry, { mode: 'alive' }, now)
      if (error instanceof BrokerFullError) this.#retry(entry, { delayMs: FULL_RETRY_MS, error }, now)
      else this.#die(entry, { error, reason: 'unrecoverable' }, startedAt, now)
      return
    }
    this.#unlease(entry)
    entry.result = toJsonText(result, this.#limits.can.maxBytes)
    entry.state = 'done'
    entry.endedAt = now
    if (!this.#alive.has(entry.id)) this.#finished.add(entry)
  }

  #retry(entry: Entry, { delayMs, error, crashed }: Retry, now: number): void {
    entry.attempt++
    if (crashed) entry.crashes++
    entry.error = serializeError(error)
    this.#requeue(entry, this.#dueIn(delayMs, now), now)
  }

  #die(entry: Entry, { error, reason }: Death, startedAt: number | undefined, now: number): void {
    this.#unlease(entry)
    this.#alive.delete(entry.id)
    this.#keys.free(entry)
    entry.state = 'dead'
    entry.error = serializeError(error)
    entry.reason = reason
    entry.endedAt = now
    entry.attempts = startedAt === undefined ? entry.attempt - 1 : entry.attempt
    this.queues.open(entry.queue).dead++
    this.dead.add(entry)
  }

  /** Queues a job that runs. */
  #requeue(entry: Entry, due: number, now: number): void {
    this.#unlease(entry)
    entry.state = 'queued'
    entry.due = due
    this.queues.open(entry.queue).push(entry, now)
  }

  #unlease(entry: Entry): void {
    this.#leases.end(entry)
    this.queues.open(entry.queue).active--
  }

  #dueIn(delayMs: number, now: number): number {
    return delayMs > 0 ? now + Math.min(delayMs, this.#limits.can.maxDelayMs) : now
  }

  /** Extends one lease. Answers how it is lost, if it is. */
  extend(delivery: Delivery, leaseMs: number, now: number): Lost | undefined {
    const entry = this.#ours(delivery)
    if (!entry) return { delivery, reason: this.#leases.reason(delivery) }
    this.#leases.extend(entry, now + leaseMs)
    return undefined
  }

  progress(delivery: Delivery, value: unknown): void {
    const entry = this.#ours(delivery)
    if (entry) entry.progress = toJsonText(value, this.#limits.can.maxBytes)
  }

  get(id: string): JobStatus | undefined {
    const entry = this.#alive.get(id) ?? this.dead.get(id) ?? this.#finished.get(id)
    return entry && toStatus(entry)
  }

  cancel(id: string, now: number): boolean {
    const entry = this.#alive.get(id)
    if (!entry) return false
    const queue = this.queues.open(entry.queue)
    if (entry.state === 'running') {
      queue.active--
      this.#leases.revoke(entry)
    } else {
      queue.remove(entry)
    }
    this.#alive.delete(id)
    this.#keys.free(entry)
    entry.state = 'canceled'
    entry.endedAt = now
    this.#finished.add(entry)
    return true
  }

  /**
   * Puts dead letters back, all or none. One whose key another job has taken meanwhile goes back without the key.
   * Throws `BrokerFullError` when there is no room for all.
   */
  redrive(which: DeadLetterSelection, now: number): number {
    const chosen = this.dead.select(which)
    const { name, maxJobs } = this.#limits
    if (this.#alive.size + chosen.length > maxJobs) {
      throw new BrokerFullError(name, 'jobs', maxJobs, 'redrive fewer, or raise maxJobs')
    }
    for (const entry of chosen) {
      this.#bury(entry)
      revive(entry, now)
      this.#alive.set(entry.id, entry)
      if (entry.dedupe !== 'window') this.#keys.hold(entry, { mode: entry.dedupe }, now)
      this.queues.open(entry.queue).push(entry, now)
    }
    return chosen.length
  }

  discard(which: DeadLetterSelection): number {
    const chosen = this.dead.select(which)
    for (const entry of chosen) this.#bury(entry)
    return chosen.length
  }

  /** Takes a job out of the dead letters. */
  #bury(entry: Entry): void {
    this.dead.remove(entry)
    this.queues.open(entry.queue).dead--
  }
}
