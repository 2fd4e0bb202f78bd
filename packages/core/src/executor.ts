import type { Delivery, Outcome, Sender } from './broker.ts'
import type { AbortReason } from './errors.ts'
import type { HookEvents, HookName } from './hooks.ts'
import type { MemoryReading } from './worker/memory-reading.ts'
import type { RecycleReason } from './worker/recycle-reason.ts'
import type { LeakEstimate } from './worker/sentinel.ts'

/** A delivery that an executor has started. */
export interface Running {
  /** What became of it. Never rejects. */
  readonly outcome: Promise<Outcome>
  /** When its handler started, ms since the epoch; undefined while, and where, it did not. */
  readonly startedAt: number | undefined
  /** How long its handler took, in ms, where the executor measures that itself; undefined until it has its outcome. */
  readonly durationMs?: number | undefined
  /** Aborts it: its signal, and after `graceMs` itself. */
  abort(reason: AbortReason, graceMs?: number): void
}

/** Why an isolate was replaced: what the governor said, or what happened to it. */
export type RecycleCause = RecycleReason['reason'] | 'limit' | 'crash' | 'hang' | 'abandoned' | 'scale' | 'asked'

/** What an isolate is up to: see the pool that owns it. */
export type IsolateState = 'starting' | 'spare' | 'active' | 'alone' | 'draining' | 'ending'

/** One isolate. */
export interface IsolateHealth {
  /** A small number, taken over by its successor: for labels. Undefined while it serves nobody. */
  readonly slot: number | undefined
  readonly pid: number | undefined
  readonly state: IsolateState
  readonly ageMs: number
  /** Jobs it has done. */
  readonly jobs: number
  /** Jobs it has now, those included that wait in it for a slot. */
  readonly held: number
  /** The last reading of its memory; undefined before the first. */
  readonly memory: MemoryReading | undefined
}

/** How long collections of garbage have stopped the isolates of a slot, one after the other, since the pool was opened. */
export interface SlotPauses {
  /** Undefined: those that served nobody yet. */
  readonly slot: number | undefined
  /** Collections of young objects only, or of all. */
  readonly kind: 'minor' | 'major'
  /** Pauses by how long they were, not summed up: up to each of the bounds, and the last for those that were longer. */
  readonly counts: readonly number[]
  /** Upper bounds of `counts` but its last, in ms. */
  readonly boundsMs: readonly number[]
  /** All together, in ms. */
  readonly ms: number
}

/** What an executor with isolates knows besides. */
export interface PoolHealth {
  readonly isolates: readonly IsolateHealth[]
  /** Isolates that serve when all is well. */
  readonly wanted: number
  /** Bytes that an isolate may have. */
  readonly memoryLimit: number
  /** Isolates replaced so far, by cause. */
  readonly recycles: Readonly<Record<RecycleCause, number>>
  /** Starts of isolates that failed. */
  readonly failedStarts: number
  /** How long it took from the death of an isolate until another served in its place, in ms; undefined before the first. */
  readonly lastGapMs: number | undefined
  /** How long collections stopped its isolates; none where the runtime does not tell. */
  readonly pauses?: readonly SlotPauses[]
  /** Bytes that a job of each type leaves behind, as far as that can be told. */
  readonly leaks: readonly LeakEstimate[]
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
  /** Absent where handlers run in the worker's own process. */
  readonly pool?: PoolHealth
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
  /** Jobs it can run at once: asked before each receive. */
  readonly size: number
  /** False when it should be replaced: asked after each job. */
  readonly healthy: boolean
  /** How many deliveries it would start now. */
  free(): number
  start(delivery: Delivery, options?: ExecuteOptions): Running
  /** Calls back when `free()` has risen for another reason than an outcome. One listener: the worker. */
  onFree(listener: () => void): void
  /** Passes on a hook that fired outside, to whoever listens inside. */
  emit<Name extends HookName>(name: Name, event: HookEvents[Name]): void
  health(): ExecutorHealth
}
