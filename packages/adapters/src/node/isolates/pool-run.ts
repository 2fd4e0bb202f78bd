import type { AbortReason, Delivery, ExecuteOptions, Outcome, Running } from '@isobar/core'
import type { Isolate } from './isolate.ts'

/** Who a run turns to when its worker aborts it. */
export type AbortRun = (run: PoolRun, reason: AbortReason, graceMs: number | undefined) => void

/**
 * A delivery in a pool. It *waits* in the pool, is *held* by an isolate (`isolate`), where it may wait for a slot, has
 * *started* once the isolate has said so (`startedAt`), and is over when it has its outcome.
 */
export class PoolRun implements Running {
  readonly delivery: Delivery
  readonly options: ExecuteOptions
  readonly outcome: Promise<Outcome>
  readonly bytes: number
  startedAt: number | undefined
  durationMs: number | undefined
  isolate: Isolate | undefined
  /** Its number in that isolate. */
  n = 0
  /** When its isolate is killed, unless it is over by then: on the monotonic clock, in ms. */
  deadline: number = Number.POSITIVE_INFINITY
  #settle: ((outcome: Outcome) => void) | undefined
  readonly #onAbort: AbortRun

  constructor(delivery: Delivery, options: ExecuteOptions, onAbort: AbortRun) {
    this.delivery = delivery
    this.options = options
    this.#onAbort = onAbort
    const { payload } = delivery.job
    this.bytes = 'text' in payload ? payload.text.length : 0
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  abort(reason: AbortReason, graceMs?: number): void {
    if (this.#settle) this.#onAbort(this, reason, graceMs)
  }

  /** Its outcome. The first one counts. */
  finish(outcome: Outcome, durationMs?: number): void {
    const settle = this.#settle
    this.#settle = undefined
    this.isolate = undefined
    this.durationMs = durationMs
    settle?.(outcome)
  }

  /** Back in the pool, as it had not started. */
  putBack(): void {
    this.isolate = undefined
    this.n = 0
    this.deadline = Number.POSITIVE_INFINITY
  }
}
