import type { MemoryReading } from '@isobar/core'
import { readMemory } from './memory.ts'
import type { PauseKind } from './pauses.ts'
import { platform } from './platform/this-platform.ts'

/** Between two readings after natural collections, in ms. */
const COLLECTED_EVERY_MS = 200

/** Job types that are counted apart; the rest goes by one name. */
const MAX_NAMES = 100
const OTHERS = '(other)'

/** What a natural full collection left. */
export interface Collected {
  readonly reading: MemoryReading
  /** Bytes alive: `total` without what is young, of which no collection has said yet whether it stays. */
  readonly alive: number
  /** Jobs that ended since the last one, by type. */
  readonly counts: readonly (readonly [name: string, jobs: number])[]
}

/**
 * Counts the jobs of this process by type, and reads the memory whenever the engine has made a full collection. Tells how long
 * collections have stopped this process, where the runtime does.
 */
export class CollectionWatch {
  readonly #unwatch: () => void
  readonly #counts = new Map<string, number>()
  readonly #onCollected: (collected: Collected) => void
  #last = Number.NEGATIVE_INFINITY

  constructor(onCollected: (collected: Collected) => void, onPause: (kind: PauseKind, ms: number) => void = () => {}) {
    this.#onCollected = onCollected
    this.#unwatch = platform.watchCollections(() => this.#collected(), onPause)
  }

  /** Counts a job that has ended. */
  count(name: string): void {
    const key = this.#counts.has(name) || this.#counts.size < MAX_NAMES ? name : OTHERS
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  /** Watches no more. */
  stop(): void {
    this.#unwatch()
  }

  #collected(): void {
    const now = performance.now()
    if (now - this.#last < COLLECTED_EVERY_MS) return
    this.#last = now
    const reading = readMemory()
    const counts = [...this.#counts]
    this.#counts.clear()
    this.#onCollected({ reading, alive: reading.total - platform.readYoung(), counts })
  }
}
