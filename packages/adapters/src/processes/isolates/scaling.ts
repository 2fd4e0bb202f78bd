import { freemem } from 'node:os'
import type { WorkerHealth } from '@isobar/core/worker'
import { type ScaleOptions, type ScaleState, scale, UNSCALED } from '@isobar/core/worker'
import { memoryAtHand } from './budget.ts'
import type { IsolatePool } from './pool.ts'

/** Between two decisions, in ms. The queues are looked at as often. */
export const SCALE_EVERY_MS = 1_000

/** Sizes a pool by what its worker knows of the queues, and by the memory that is left. */
export class Scaling {
  readonly #pool: IsolatePool
  readonly #health: () => WorkerHealth
  readonly #options: ScaleOptions
  readonly #timer: NodeJS.Timeout
  #state: ScaleState = UNSCALED
  #saidFull = false

  constructor(pool: IsolatePool, options: ScaleOptions, health: () => WorkerHealth) {
    this.#pool = pool
    this.#options = options
    this.#health = health
    this.#timer = setInterval(() => this.#decide(), SCALE_EVERY_MS)
  }

  /** Leaves the pool as it is from now on. */
  stop(): void {
    clearInterval(this.#timer)
  }

  #decide(): void {
    const { queueFigures, executor, state } = this.#health()
    if (!queueFigures || state !== 'running') return
    const { memory } = this.#pool.settings
    const decision = scale(
      this.#state,
      {
        at: performance.now(),
        size: this.#pool.wanted,
        ready: queueFigures.queues.reduce((sum, { ready }) => sum + ready, 0),
        oldestAgeMs: Math.max(0, ...queueFigures.queues.map(({ oldestAgeMs }) => oldestAgeMs)),
        busy: Math.min(1, executor.running / executor.size),
        memoryLeft: this.#memoryLeft(),
        memoryNeeded: memory,
      },
      this.#options,
    )
    this.#state = decision.state
    if (decision.reason === 'memory' && !this.#saidFull) {
      const needed = Math.ceil(memory / 1e6)
      console.error(
        `isobar: the queues want more than ${this.#pool.wanted} isolates, and another one of up to ${needed} MB does not fit into the memory that is left`,
      )
    }
    this.#saidFull = decision.reason === 'memory'
    if (decision.size !== this.#pool.wanted) this.#pool.resize(decision.size)
  }

  /** What the container and the machine have left, less what those that are starting may yet take. */
  #memoryLeft(): number {
    const { memory } = this.#pool.settings
    const { isolates } = this.#pool.health().pool ?? { isolates: [] }
    const taken = isolates.reduce(
      (sum, { memory: reading }) => sum + (reading?.rss ?? memory),
      process.memoryUsage.rss(),
    )
    const starting = isolates.filter(({ state }) => state === 'starting').length
    return Math.min(memoryAtHand() - taken, freemem() - starting * memory)
  }
}
