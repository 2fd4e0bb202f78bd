import type { ExecutionContext } from '@cloudflare/workers-types'
import type { AbortReason, AnyJobType, Delivery, ExecuteOptions, Outcome, Sender } from '@isobar/core'

/** A job that an invocation has started. */
export interface Started {
  /** What became of it. Never rejects. */
  readonly outcome: Promise<Outcome>
  /** Resolves when nothing of it goes on any more: later than its outcome where it was given up. */
  ended(): Promise<void>
  /** Aborts it: its signal, and after `graceMs` itself. */
  abort(reason: AbortReason, graceMs?: number): void
}

/** Where the jobs of one invocation run. */
export interface InvocationExecutor {
  start(delivery: Delivery, options: ExecuteOptions): Started
  /** Releases what the invocation opened. Never rejects. */
  end(): Promise<void>
}

/** What an executor is made from at the start of each invocation. */
export interface Invocation<Env> {
  readonly env: Env
  readonly ctx: ExecutionContext
  /** The job types of the app, by name. */
  readonly types: ReadonlyMap<string, AnyJobType>
  readonly sender: Sender
}

/** Opens the executor of an invocation. Default: the app itself, in the consumer's own isolate. */
export type OpenExecutor<Env> = (invocation: Invocation<Env>) => InvocationExecutor
