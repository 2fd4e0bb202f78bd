import type { Broker, QueueStats } from '../broker.ts'
import type { Clock, Timer } from '../clock.ts'

/** A look that took long is followed by a pause of so many times as long: statistics must not be what a database does. */
const PAUSE_FACTOR = 50

/** What a broker said of a worker's queues. */
export interface QueueFigures {
  /** When it answered, ms since the epoch. */
  readonly at: number
  readonly queues: readonly QueueStats[]
}

/** What a `QueueWatch` works with. */
export interface QueueWatchOptions {
  readonly broker: Broker
  readonly queues: readonly string[]
  readonly clock: Clock
  /** Between two looks, in ms. */
  readonly everyMs: number
  readonly onError: (error: unknown) => void
}

/** Looks at the depth and age of a worker's queues now and then, and remembers what it saw last. One look at a time. */
export class QueueWatch {
  readonly #options: QueueWatchOptions
  #timer: Timer
  #stopped = false
  #last: QueueFigures | undefined

  constructor(options: QueueWatchOptions) {
    this.#options = options
    this.#wait(options.everyMs)
  }

  /** What was seen last; undefined before the first look. */
  get last(): QueueFigures | undefined {
    return this.#last
  }

  /** Ends it. Twice is fine. */
  stop(): void {
    this.#stopped = true
    this.#options.clock.clearTimeout(this.#timer)
  }

  #wait(ms: number): void {
    if (!this.#stopped) this.#timer = this.#options.clock.setTimeout(() => void this.#look(), ms)
  }

  async #look(): Promise<void> {
    const { broker, queues, clock, everyMs, onError } = this.#options
    const started = clock.monotonic()
    try {
      const figures = await broker.stats(queues)
      this.#last = { at: clock.now(), queues: figures }
    } catch (error) {
      if (!this.#stopped) onError(error)
    }
    this.#wait(Math.max(everyMs, PAUSE_FACTOR * (clock.monotonic() - started)))
  }
}
