import type { Broker, DeadReason } from '@isobar/core'

/** Notes that are kept. */
export const MAX_NOTES = 20

/** A dead letter as the summary tells it. */
export interface DeadNote {
  readonly id: string
  readonly name: string
  readonly reason: DeadReason
  readonly message: string
}

/** What to tell of dead letters: the first few, those from before this process among them. */
export class DeadNotes {
  readonly #notes: DeadNote[]

  private constructor(notes: readonly DeadNote[]) {
    this.#notes = [...notes]
  }

  /** Begins with the newest of those that the broker has. */
  static async of(broker: Broker): Promise<DeadNotes> {
    const { items } = await broker.deadLetters.list({ limit: MAX_NOTES })
    return new DeadNotes(items.map(({ id, name, reason, error }) => ({ id, name, reason, message: error.message })))
  }

  get all(): readonly DeadNote[] {
    return this.#notes
  }

  /** Keeps a note, unless there are enough. */
  add(note: DeadNote): void {
    if (this.#notes.length < MAX_NOTES) this.#notes.push(note)
  }
}
