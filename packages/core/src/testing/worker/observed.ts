import type { Broker, Delivery, Outcome } from '../../broker.ts'
import type { Executor, Running } from '../../executor.ts'
import type { HookEvents, HookName } from '../../hooks.ts'
import { ConformanceError } from '../assert.ts'
import { override } from '../override.ts'

/** One start of a handler, as a worker's executor saw it. */
export interface Start {
  readonly delivery: Delivery
  /** What its handler has told last by `ctx.progress`; undefined before it is at work. */
  progress: unknown
  /** The codes of the errors that it was aborted with, in order. */
  readonly aborts: string[]
  /** Undefined while it runs. */
  outcome: Outcome | undefined
}

/**
 * Stands between a worker and its broker and executor, and keeps what passes: which deliveries were started, what became
 * of them, which hooks fired. `until` waits for any of it to change instead of looking again and again.
 */
export class Observed {
  readonly starts: Start[] = []
  readonly hooks: { readonly name: HookName; readonly event: HookEvents[HookName] }[] = []
  readonly #patienceMs: number
  readonly #waiting = new Set<() => void>()
  readonly #watching: (() => void)[] = []

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  /** The executor, watched. */
  executor(executor: Executor): Executor {
    return override<Executor>(executor, {
      start: (delivery, options = {}) => {
        const start: Start = { delivery, progress: undefined, aborts: [], outcome: undefined }
        this.starts.push(start)
        const progress = (value: unknown): void => {
          start.progress = value
          options.progress?.(value)
          this.changed()
        }
        return this.#running(start, executor.start(delivery, { ...options, progress }))
      },
      emit: (name, event) => {
        this.hooks.push({ name, event })
        executor.emit(name, event)
        this.changed()
      },
    })
  }

  /** The broker, watched: a worker changes only after what its broker answers. */
  broker(broker: Broker): Broker {
    const watched = async <Answer>(call: Promise<Answer>): Promise<Answer> => {
      try {
        return await call
      } finally {
        this.changed()
      }
    }
    return override<Broker>(broker, {
      receive: (want) => watched(broker.receive(want)),
      settle: (done) => watched(broker.settle(done)),
      extend: (held, leaseMs) => watched(broker.extend(held, leaseMs)),
      progress: (delivery, value) => watched(broker.progress(delivery, value)),
    })
  }

  /** Something has changed, or is about to within this turn. */
  changed(): void {
    for (const look of this.#watching) look()
    setTimeout(() => {
      for (const look of this.#waiting) look()
    }, 0)
  }

  /** Looks at each change in the step in which it is told of, to the end of the case. */
  watch(look: () => void): void {
    this.#watching.push(look)
  }

  /**
   * Resolves once `condition` holds, looked at whenever something has changed.
   * @throws {ConformanceError} when it does not in time.
   */
  until(condition: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
      }
      const look = (): void => {
        if (!condition()) return
        end()
        resolve()
      }
      const timer = setTimeout(() => {
        end()
        reject(new ConformanceError(`it did not happen within ${this.#patienceMs} ms: ${what}`))
      }, this.#patienceMs)
      this.#waiting.add(look)
      look()
    })
  }

  #running(start: Start, running: Running): Running {
    const outcome = running.outcome.then((settled) => {
      start.outcome = settled
      this.changed()
      return settled
    })
    return override<Running>(running, {
      outcome,
      abort: (reason, graceMs) => {
        start.aborts.push(reason.code)
        running.abort(reason, graceMs)
        this.changed()
      },
    })
  }
}
