import type { WorkerCounts } from './health.ts'
import type { Held } from './held.ts'

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

/** Counts deliveries by what became of them. */
export class Counts {
  readonly #counts: Writable<WorkerCounts> = { done: 0, retried: 0, dead: 0, released: 0, lost: 0 }

  /** Counts one whose outcome the broker has confirmed, or that was lost. */
  add({ outcome, lost }: Held): void {
    if (lost || !outcome) this.#counts.lost++
    else if (outcome.kind === 'ack') this.#counts.done++
    else if (outcome.kind === 'retry') this.#counts.retried++
    else if (outcome.kind === 'release') this.#counts.released++
    else this.#counts.dead++
  }

  /** As they stand. */
  get all(): WorkerCounts {
    return { ...this.#counts }
  }
}
