import type { AbortReason, Delivery, ExecuteOptions, Outcome, Running } from '@isobar/core'
import type { Isolate } from './isolate.ts'

/** What a run tells its pool. */
export interface PoolRunListener {
  /** Its worker aborts it. */
  onAbort(run: PoolRun, reason: AbortReason, graceMs: number | undefined): void
  /** Its handler has been started. */
  onStarted(run: PoolRun): void
  /** It is over. */
  onFinished(run: PoolRun, outcome: Outcome): void
}

/**
 * A delivery in a pool. It *waits* in the pool, is *held* by an isolate (`isolate`), where it may wait for a slot, has
 * *started* once the isolate has said so (`startedAt`), and is over when it has its outcome.
 */
export class PoolRun implements Running {
  readonly delivery: Delivery
  readonly options: ExecuteOptions
  readonly outcome: Promise<Outcome>
  readonly bytes: number
  /** When the pool took it, on the monotonic clock, in ms. */
  readonly takenAt: number = performance.now()
  startedAt: number | undefined
  durationMs: number | undefined
  isolate: Isolate | undefined
  /** Its number in that isolate. */
  n = 0
  /** Why its worker has aborted it: it is not given to another isolate then. */
  aborted: AbortReason | undefined
  /** How long its handler has after that, in ms; undefined: as long as its app says. */
  graceMs: number | undefined
  /** When its isolate is killed, unless it is over by then: on the monotonic clock, in ms. */
  deadline: number = Number.POSITIVE_INFINITY
  #settle: ((outcome: Outcome) => void) | undefined
  readonly #listener: PoolRunListener

  constructor(delivery: Delivery, options: ExecuteOptions, listener: PoolRunListener) {
    this.delivery = delivery
    this.options = options
    this.#listener = listener
    const { payload } = delivery.job
    this.bytes = 'text' in payload ? payload.text.length : 0
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  abort(reason: AbortReason, graceMs?: number): void {
    if (!this.#settle) return
    this.aborted ??= reason
    this.#listener.onAbort(this, reason, graceMs)
  }

  /** Its handler was started, at `at` ms since the epoch. */
  begin(at: number): void {
    this.startedAt = at
    this.#listener.onStarted(this)
  }

  /** Its outcome. The first one counts. */
  finish(outcome: Outcome, durationMs?: number): void {
    const settle = this.#settle
    if (!settle) return
    this.#settle = undefined
    this.isolate = undefined
    this.durationMs = durationMs
    this.#listener.onFinished(this, outcome)
    settle(outcome)
  }

  /** Back in the pool, as it had not started. */
  putBack(): void {
    this.isolate = undefined
    this.n = 0
    this.deadline = Number.POSITIVE_INFINITY
  }
}
