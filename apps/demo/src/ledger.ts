import type { DeadReason } from '@isobar/core'

/** What became of a number of jobs. Equal traces have equal ledgers, whatever the order in which jobs were done. */
export interface Ledger {
  /** Jobs that were done, follow-ups included. */
  readonly done: number
  /** Attempts that failed and were followed by another. */
  readonly retried: number
  /** Attempts in which a handler failed, the last ones included. */
  readonly failedAttempts: number
  /** Dead letters by reason. */
  readonly dead: Readonly<Partial<Record<DeadReason, number>>>
}

/** What a ledger is made from; the rest of it follows. */
export type LedgerCounts = Pick<Ledger, 'done' | 'retried' | 'dead'>

/** Nothing has happened. */
export const NO_COUNTS: LedgerCounts = { done: 0, retried: 0, dead: {} }

/** Reasons of death that come after a failed attempt; jobs with any other were never given to a handler. */
const FAILED: readonly DeadReason[] = ['exhausted', 'unrecoverable']

/** Keeps a ledger: a few counters, whatever the number of jobs. */
export class LedgerKeeper {
  #done = 0
  #retried = 0
  #dead: Partial<Record<DeadReason, number>> = {}

  /** Puts these counts in the place of its own. */
  adopt({ done, retried, dead }: LedgerCounts): void {
    this.#done = done
    this.#retried = retried
    this.#dead = { ...dead }
  }

  countDone(jobs = 1): void {
    this.#done += jobs
  }

  countRetried(attempts = 1): void {
    this.#retried += attempts
  }

  countDead(reason: DeadReason, jobs = 1): void {
    this.#dead[reason] = (this.#dead[reason] ?? 0) + jobs
  }

  /** Jobs that have come to an end. */
  get ended(): number {
    return Object.values(this.#dead).reduce((sum, count) => sum + count, this.#done)
  }

  toLedger(): Ledger {
    const failedForGood = FAILED.reduce((sum, reason) => sum + (this.#dead[reason] ?? 0), 0)
    return {
      done: this.#done,
      retried: this.#retried,
      failedAttempts: this.#retried + failedForGood,
      dead: { ...this.#dead },
    }
  }
}
