import type { Delivery, Outcome, Sender } from './broker.ts'
import type { AbortReason } from './errors.ts'
import type { HookEvents, HookName } from './hooks.ts'

/** A delivery that an executor has started. */
export interface Running {
  /** What became of it. Never rejects. */
  readonly outcome: Promise<Outcome>
  /** When its handler started, ms since the epoch; undefined while, and where, it did not. */
  readonly startedAt: number | undefined
  /** Aborts it: its signal, and after `graceMs` itself. */
  abort(reason: AbortReason, graceMs?: number): void
}

/** How an executor is doing. */
export interface ExecutorHealth {
  /** Jobs it can run at once. */
  readonly size: number
  /** Slots that are taken, abandoned ones included. */
  readonly running: number
  /** Slots whose job was given up and whose handler goes on. */
  readonly abandoned: number
  /** False when half of the slots are abandoned: the process should be replaced. */
  readonly healthy: boolean
}

/** What a run is told by its worker. */
export interface ExecuteOptions {
  /** Where `ctx.progress` goes. */
  readonly progress?: (value: unknown) => void
  /** Where `ctx.enqueue(…, { now: true })` sends to. */
  readonly sender?: Pick<Sender, 'send'>
}

/**
 * Where handlers run: in this process, or in a pool of isolates. A worker asks how many more it would start, and starts
 * no more than that. (A run is aborted by its handle rather than by an `AbortSignal` a job: most jobs never need one.)
 */
export interface Executor extends AsyncDisposable {
  /** How many deliveries it would start now. */
  free(): number
  start(delivery: Delivery, options?: ExecuteOptions): Running
  /** Calls back when `free()` has risen for another reason than an outcome. One listener: the worker. */
  onFree(listener: () => void): void
  /** Passes on a hook that fired outside, to whoever listens inside. */
  emit<Name extends HookName>(name: Name, event: HookEvents[Name]): void
  health(): ExecutorHealth
}
