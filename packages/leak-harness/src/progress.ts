import type { Plan } from './options.ts'
import { currentSlope } from './witness/figures.ts'
import type { Sample } from './witness/sampler.ts'

/** How far a run is. */
export interface Progress {
  readonly runtime: string
  /** Jobs done in exact mode and in the process that counts entries, warm-up included. */
  readonly jobs: { readonly exact: number; readonly jit: number }
  /** Jobs asked for, warm-up included; exact mode may double it. Undefined while the module loads. */
  readonly of: number | undefined
  readonly samples: number
  /** Slope of the heap over the latest samples, bytes a job; NaN before there are any. */
  readonly slope: number
  /** Set while it idles to let caches with a time to live clear: for how long, in ms. */
  readonly idleMs: number | undefined
  /** Set in the bleed check: processes that it took so far. */
  readonly bleed?: number
}

/** Puts what both processes tell into one line of progress. */
export class ProgressTeller {
  readonly #onProgress: ((progress: Progress) => void) | undefined
  readonly #samples: readonly Sample[]
  #state: { exact: number; jit: number; idleMs: number | undefined; of: number | undefined } = {
    exact: 0,
    jit: 0,
    idleMs: undefined,
    of: undefined,
  }
  readonly #runtime: string

  constructor(runtime: string, onProgress: ((progress: Progress) => void) | undefined, samples: readonly Sample[]) {
    this.#runtime = runtime
    this.#onProgress = onProgress
    this.#samples = samples
  }

  start(plan: Plan): void {
    this.#state.of = plan.warmup + plan.jobs
  }

  tell(change: { exact?: number; jit?: number; idleMs?: number | undefined }): void {
    if (!this.#onProgress) return
    Object.assign(this.#state, change)
    const { exact, jit, idleMs, of } = this.#state
    this.#onProgress({
      runtime: this.#runtime,
      jobs: { exact, jit },
      of,
      samples: this.#samples.length,
      slope: currentSlope(this.#samples),
      idleMs,
    })
  }
}
