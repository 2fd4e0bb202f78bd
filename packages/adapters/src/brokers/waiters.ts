/** What ended a wait. */
export type Woken = 'woken' | 'time' | 'closed'

/** Queues whose changes are told apart; beyond that a change counts for all. */
const MAX_QUEUES = 10_000

/**
 * The calls of `receive` that wait for a queue to change. A change is counted even while nobody waits, so that one which
 * comes between a look and the wait after it is not missed.
 */
export class Waiters {
  readonly #waiting = new Set<{ readonly queues: ReadonlySet<string>; readonly wake: (by: Woken) => void }>()
  readonly #changes = new Map<string, number>()
  /** Changes of all queues. */
  #all = 0
  #closed = false

  /** A number that grows whenever one of the queues changes. */
  version(queues: ReadonlySet<string>): number {
    let version = this.#all
    for (const queue of queues) version += this.#changes.get(queue) ?? 0
    return version
  }

  /** The queues that somebody waits for. */
  wanted(): ReadonlySet<string> {
    const wanted = new Set<string>()
    for (const { queues } of this.#waiting) for (const queue of queues) wanted.add(queue)
    return wanted
  }

  /** Something may be due in these queues; without any, in all. Answers whether anybody waited for it. */
  wake(queues?: Iterable<string>): boolean {
    const changed = queues && new Set(queues)
    if (changed && this.#changes.size + changed.size <= MAX_QUEUES) {
      for (const queue of changed) this.#changes.set(queue, (this.#changes.get(queue) ?? 0) + 1)
    } else {
      this.#all++
    }
    let isHeard = false
    for (const waiter of this.#waiting) {
      if (changed && ![...changed].some((queue) => waiter.queues.has(queue))) continue
      isHeard = true
      waiter.wake('woken')
    }
    return isHeard
  }

  /** Waits until a queue has another version than `seen`, `ms` have passed, the signal aborts or all is closed. */
  wait(queues: ReadonlySet<string>, seen: number, ms: number, signal: AbortSignal): Promise<Woken> {
    if (this.#closed || signal.aborted) return Promise.resolve('closed')
    if (this.version(queues) !== seen) return Promise.resolve('woken')
    return new Promise((resolve) => {
      const wake = (by: Woken): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#waiting.delete(waiter)
        resolve(by)
      }
      const onAbort = (): void => wake('closed')
      const waiter = { queues, wake }
      const timer = setTimeout(() => wake('time'), ms)
      signal.addEventListener('abort', onAbort)
      this.#waiting.add(waiter)
    })
  }

  /** Ends every wait, and those to come. */
  close(): void {
    this.#closed = true
    for (const { wake } of this.#waiting) wake('closed')
  }
}
