import type { Broker, QueueWant } from '../broker.ts'
import type { Executor } from '../executor.ts'
import type { Held } from './held.ts'
import { orderQueues } from './intake-order.ts'
import type { WorkerQueue } from './options.ts'
import { Prefetch } from './prefetch.ts'

/** What to ask a broker for. */
export interface Ask {
  readonly queues: readonly QueueWant[]
  readonly max: number
  /** Queues that are not read, as they are at their limits. */
  readonly leftOut: readonly string[]
}

/** Decides what a worker asks its broker for: what its executor would start now, and a small buffer. */
export class Intake {
  readonly #broker: Broker
  readonly #executor: Executor
  readonly #queues: readonly WorkerQueue[]
  readonly #random: () => number
  readonly #prefetch = new Prefetch()

  constructor(broker: Broker, executor: Executor, queues: readonly WorkerQueue[], random: () => number = Math.random) {
    this.#broker = broker
    this.#executor = executor
    this.#queues = queues
    this.#random = random
  }

  /** Learns from a job that took `ms`. */
  add(ms: number): void {
    this.#prefetch.add(ms)
  }

  /** What to ask for now, given what is held and how much of it waits for a slot; undefined when that is nothing. */
  next(held: ReadonlySet<Held>, buffered: number): Ask | undefined {
    const max = Math.min(this.#room(buffered), this.#broker.can.maxBatch)
    if (max === 0) return undefined
    const queues: QueueWant[] = []
    const leftOut: string[] = []
    for (const { name, concurrency } of orderQueues(this.#queues, this.#random)) {
      const own = concurrency === undefined ? max : Math.min(max, concurrency - countOf(held, name))
      if (own > 0) queues.push({ name, max: own })
      else leftOut.push(name)
    }
    return queues.length > 0 ? { queues, max, leftOut } : undefined
  }

  /**
   * Slots that nothing is held for are filled at once; the buffer once it is half empty, so that a batch is worth its trip
   * and comes before the other half is done.
   */
  #room(buffered: number): number {
    const free = this.#executor.free()
    const ready = this.#broker.can.release === 'free' ? this.#prefetch.size(this.#executor.size) : 0
    const room = Math.max(0, free + ready - buffered)
    return free > buffered || room * 2 >= ready ? room : 0
  }
}

function countOf(held: ReadonlySet<Held>, queue: string): number {
  let count = 0
  for (const { delivery } of held) if (delivery.job.queue === queue) count++
  return count
}
