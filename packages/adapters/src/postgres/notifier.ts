/** Between two notifications of one queue, in ms: what comes in between is told once, at the end. */
const DEBOUNCE_MS = 20

/** Queues that are kept apart; beyond that all are told at once. */
const MAX_QUEUES = 1_000

/**
 * Decides which queues a statement is to notify. The first change of a queue goes with its statement; changes within the
 * next 20 ms go out together after that, by `send`. So a queue costs at most 50 notifications a second.
 */
export class Notifier {
  readonly #send: (queues: readonly string[]) => Promise<unknown>
  /** Queues that were told of lately, and whether they have changed since. */
  readonly #told = new Map<string, boolean>()
  #timer: NodeJS.Timeout | undefined

  constructor(send: (queues: readonly string[]) => Promise<unknown>) {
    this.#send = send
  }

  /** The queues that are to be told of now, null for none; the others are told of soon. */
  take(queues: Iterable<string>): string[] | null {
    const now: string[] = []
    for (const queue of queues) {
      if (this.#told.has(queue)) this.#told.set(queue, true)
      else {
        if (this.#told.size < MAX_QUEUES) this.#told.set(queue, false)
        now.push(queue)
      }
    }
    if (this.#told.size > 0) this.#arm()
    return now.length > 0 ? now : null
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#told.clear()
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const changed = [...this.#told].filter(([, again]) => again).map(([queue]) => queue)
      this.#told.clear()
      if (changed.length === 0) return
      for (const queue of changed) this.#told.set(queue, false)
      this.#arm()
      // Whoever is not told finds the job by looking.
      this.#send(changed).catch(() => {})
    }, DEBOUNCE_MS)
  }
}
