import type { DeadReason, Outcome, StoredJob } from './broker.ts'
import type { RecycleCause } from './executor.ts'
import type { MemoryReading } from './worker/memory-reading.ts'
import type { RecycleReason } from './worker/recycle-reason.ts'
import type { LeakEstimate } from './worker/sentinel.ts'

/** How much a log line matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What each hook is told. Events are made for the call: keep none of them, they hold the job's payload. */
export interface HookEvents {
  /** A handler is about to start. */
  start: { readonly job: StoredJob; readonly startedAt: number }
  /** A job has its outcome. Fires for every delivery that was run, before its broker confirms. */
  settle: {
    readonly job: StoredJob
    readonly outcome: Outcome
    readonly startedAt: number
    readonly durationMs: number
  }
  /** A job failed and will be tried again. */
  retry: { readonly job: StoredJob; readonly error: unknown; readonly delayMs: number }
  /** A job is in the dead letters: the broker has confirmed it. */
  dead: { readonly job: StoredJob; readonly error: unknown; readonly reason: DeadReason }
  /** Releasing something failed. The job's outcome stands. `job` is absent for what jobs share. */
  scopeError: { readonly job?: StoredJob; readonly error: unknown }
  /** A handler wrote to `ctx.log`. */
  log: {
    readonly job: StoredJob
    readonly level: LogLevel
    readonly message: string
    readonly fields: Readonly<Record<string, unknown>>
    readonly at: number
  }
  /** A handler called `ctx.progress`. */
  progress: { readonly job: StoredJob; readonly value: unknown }
  /** A broker failed a worker. It is tried again, with backoff. */
  brokerError: {
    readonly workerId: string
    readonly action: 'receive' | 'settle' | 'extend' | 'progress' | 'schedule' | 'stats'
    readonly error: unknown
  }
  /** An isolate is being replaced, or has died. */
  recycle: {
    readonly cause: RecycleCause
    /** In a sentence: what was measured, or what happened. */
    readonly message: string
    readonly slot: number | undefined
    readonly pid: number | undefined
    /** Jobs it has done, and how long it lived. */
    readonly jobs: number
    readonly ageMs: number
    /** The governor's figures, where it was the one who said so. */
    readonly why?: RecycleReason
    /** What the isolate died of, where it died. */
    readonly error?: unknown
  }
  /** Memory was read after a full collection. `suspect`: a job type that leaves bytes behind, as far as can be told. */
  memory: {
    readonly reading: MemoryReading
    /** Of the isolate; absent where handlers run in the worker's process. */
    readonly slot?: number | undefined
    readonly suspect?: LeakEstimate
  }
  /** A worker takes no more jobs and waits for those that run. */
  drain: { readonly workerId: string; readonly running: number }
  /** A worker has stopped. */
  stop: { readonly workerId: string }
}

/** The names of the hooks. */
export type HookName = keyof HookEvents

/** Observes. Whatever it returns or throws, the outcome of the job stays as it is. */
export type Hook<Name extends HookName> = (event: HookEvents[Name]) => unknown

/** The hooks of an app or a worker. */
export class Hooks {
  readonly #hooks = new Map<HookName, Set<(event: never) => unknown>>()

  /** Adds an observer; the function returned takes it away again. */
  add<Name extends HookName>(name: Name, hook: Hook<Name>): () => void {
    // A function of its own, so that a hook that was added twice is taken away once at a time.
    const added: Hook<Name> = (event) => hook(event)
    // Copies, so that what is told already goes on with those it began with.
    this.#hooks.set(name, new Set(this.#hooks.get(name)).add(added))
    return () => {
      const left = new Set(this.#hooks.get(name))
      left.delete(added)
      this.#hooks.set(name, left)
    }
  }

  /** Whether anybody listens: to spare the making of an event. */
  has(name: HookName): boolean {
    return !!this.#hooks.get(name)?.size
  }

  /** Tells all observers. Their errors, also asynchronous ones, go to the console and nowhere else. */
  emit<Name extends HookName>(name: Name, event: HookEvents[Name]): void {
    for (const hook of (this.#hooks.get(name) ?? []) as Iterable<Hook<Name>>) {
      try {
        const answer = hook(event)
        if (answer instanceof Promise) answer.catch((error: unknown) => report(name, error))
      } catch (error) {
        report(name, error)
      }
    }
  }
}

function report(name: HookName, error: unknown): void {
  const message = `isobar: a "${name}" hook failed; the outcome stands`
  try {
    console.error(message, error)
  } catch {
    // Consoles run code of what they show: an error that throws when it is shown is named only.
    console.error(message)
  }
}
