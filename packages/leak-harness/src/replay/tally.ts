import type { Outcomes } from './contract.ts'
import { describeError } from './describe-error.ts'
import { DistinctCounter } from './distinct.ts'

/** Job names that are counted apart; the rest is counted in the sums alone. */
export const MAX_JOB_TYPES = 64

/** Characters kept of the first error's message. */
const MAX_ERROR_LENGTH = 500

/** Counts what became of the jobs. Bounded, and steady once each job name has been seen. */
export class Tally {
  readonly #types = new Map<string, { done: number; failed: number }>()
  readonly #distinct: DistinctCounter | undefined
  #done = 0
  #failed = 0
  #firstError: string | undefined

  /** @param countDistinct whether different data is counted, which costs a JSON text a job. */
  constructor(countDistinct: boolean) {
    this.#distinct = countDistinct ? new DistinctCounter() : undefined
  }

  /** Jobs that have ended. */
  get jobs(): number {
    return this.#done + this.#failed
  }

  done(name: string): void {
    this.#done++
    const type = this.#type(name)
    if (type) type.done++
  }

  failed(name: string, error: unknown): void {
    this.#failed++
    const type = this.#type(name)
    if (type) type.failed++
    this.#firstError ??= describeError(error).slice(0, MAX_ERROR_LENGTH)
  }

  /** Data that JSON cannot hold is passed over. */
  data(data: unknown): void {
    if (!this.#distinct) return
    let text: string | undefined
    try {
      text = JSON.stringify(data)
    } catch {
      return
    }
    this.#distinct.add(text ?? 'undefined')
  }

  outcomes(): Outcomes {
    return {
      done: this.#done,
      failed: this.#failed,
      ...(this.#firstError === undefined ? {} : { firstError: this.#firstError }),
      types: [...this.#types].map(([name, counts]) => ({ name, ...counts })),
      distinctData: this.#distinct?.count,
    }
  }

  #type(name: string): { done: number; failed: number } | undefined {
    let type = this.#types.get(name)
    if (!type && this.#types.size < MAX_JOB_TYPES) {
      type = { done: 0, failed: 0 }
      this.#types.set(name, type)
    }
    return type
  }
}
