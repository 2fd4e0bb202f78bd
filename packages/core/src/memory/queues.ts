import type { QueueStats } from '../broker.ts'
import { MemoryQueue } from './queue.ts'

/** Queues kept whether or not they are empty. Above it, empty ones are forgotten now and then. */
const KEPT_QUEUES = 1_000

/** The queues of a broker by name, made on first use. Those that stand empty are forgotten, for names made of tenants or dates. */
export class Queues {
  readonly #byName = new Map<string, MemoryQueue>()
  #sweepAbove = KEPT_QUEUES

  get size(): number {
    return this.#byName.size
  }

  find(name: string): MemoryQueue | undefined {
    return this.#byName.get(name)
  }

  open(name: string): MemoryQueue {
    let queue = this.#byName.get(name)
    if (!queue) {
      if (this.#byName.size >= this.#sweepAbove) this.#forgetIdle()
      queue = new MemoryQueue(name)
      this.#byName.set(name, queue)
    }
    return queue
  }

  pause(name: string, paused: boolean): void {
    const queue = paused ? this.open(name) : this.find(name)
    if (queue) queue.paused = paused
  }

  /** The figures of a queue, all of them 0 for one that nobody has used. */
  stats(name: string, now: number): QueueStats {
    const queue = this.find(name)
    if (queue) return queue.stats(now)
    return { queue: name, ready: 0, delayed: 0, active: 0, dead: 0, oldestAgeMs: 0, paused: false }
  }

  #forgetIdle(): void {
    for (const queue of this.#byName.values()) {
      if (queue.idle) this.#byName.delete(queue.name)
    }
    // Doubling, so that many queues in use cost no sweep each time one is added.
    this.#sweepAbove = Math.max(KEPT_QUEUES, this.#byName.size * 2)
  }
}
