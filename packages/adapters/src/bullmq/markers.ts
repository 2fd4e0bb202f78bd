import type { Waiters } from '../brokers/waiters.ts'
import type { Connection } from './connection.ts'
import type { Keys } from './keys.ts'
import type { Link } from './link.ts'

/** How long one command blocks, in ms. A server or a network that says nothing is noticed after it. */
const BLOCK_MS = 5_000

/** How much longer than it blocks a command may take to answer, in ms. Then its connection is opened anew. */
const SILENCE_MS = 2_000

/** Between two tries after a failure, in ms. */
const RETRY_MS = 500

/** How long a word to ourselves is kept that nobody reads, in ms. */
const WORD_MS = 10_000

/**
 * Hears of new jobs while somebody waits: BullMQ sets a marker on a queue that has some, and whoever takes it looks. One
 * connection waits for the markers of all queues that are wanted; a key of its own wakes it when there are more.
 *
 *     off ──attend──► waiting ──marker──► waiting (who waits for the queue is woken)
 *      ▲                 │ ▲ └──word: other queues are wanted──► waiting (for those)
 *      └─nobody waits────┘ └──fails──► pausing (all are woken, so that their own look tells what is wrong)
 */
export class Markers {
  readonly #connection: Connection
  readonly #keys: Keys
  readonly #waiters: Waiters
  readonly #word: string
  #link: Link | undefined
  #attended: ReadonlySet<string> = new Set()
  #isRunning = false
  #running: Promise<void> | undefined
  #closed = false
  #endPause: (() => void) | undefined

  constructor(connection: Connection, keys: Keys, waiters: Waiters) {
    this.#connection = connection
    this.#keys = keys
    this.#waiters = waiters
    this.#word = `${keys.prefix}:isobar:word:${crypto.randomUUID()}`
  }

  /** Somebody has begun to wait for these queues. */
  attend(queues: ReadonlySet<string>): void {
    if (this.#closed) return
    if (!this.#isRunning) {
      this.#isRunning = true
      this.#running = this.#run()
      return
    }
    for (const queue of queues) {
      if (!this.#attended.has(queue)) return this.#interrupt()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#endPause?.()
    await this.#link?.close(0)
    await this.#running
    await this.#link?.close(0)
  }

  async #run(): Promise<void> {
    try {
      while (!this.#closed) {
        this.#attended = this.#waiters.wanted()
        if (this.#attended.size === 0) return
        try {
          await this.#listen([...this.#attended])
        } catch {
          if (this.#closed) return
          this.#waiters.wake()
          await this.#pause()
        }
      }
    } finally {
      // In the same step as the look at who waits: who comes from now on starts it again.
      this.#isRunning = false
    }
  }

  async #listen(queues: readonly string[]): Promise<void> {
    this.#link ??= await this.#connection.openBlocking()
    if (this.#closed) return
    const link = this.#link
    const silence = setTimeout(() => link.client.disconnect(true), BLOCK_MS + SILENCE_MS)
    try {
      const keys = queues.map((queue) => this.#keys.marker(queue))
      const answer = await link.ask((client) => client.bzpopmin(this.#word, ...keys, BLOCK_MS / 1_000))
      const at = answer ? keys.indexOf(answer[0]) : -1
      const queue = queues[at]
      if (queue === undefined || this.#waiters.wake([queue])) return
      // Nobody waits for it any more: it is for others.
      await link.ask((client) => client.zadd(this.#keys.marker(queue), 0, '0'))
    } finally {
      clearTimeout(silence)
    }
  }

  /** Ends the wait for the queues of before. What fails here is made up for by the next look. */
  #interrupt(): void {
    this.#attended = new Set([...this.#attended, ...this.#waiters.wanted()])
    this.#connection
      .ask('wake', (client) => client.multi().zadd(this.#word, 0, '0').pexpire(this.#word, WORD_MS).exec())
      .catch(() => {})
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS)
      this.#endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
