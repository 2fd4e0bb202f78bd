/** What is used of the test that vitest runs. */
export interface RunningTest {
  /** How long it may take, in ms. */
  readonly timeout?: number
  readonly result?: { readonly startTime?: number }
  readonly context?: { readonly signal?: AbortSignal }
}

/** Before its end the processes have to be ended, and the reason told, in ms. */
export const MARGIN_MS = 500

/** Longer timers than this fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * Ends a run shortly before vitest would end its test, so that the test fails with a reason and nothing is left running.
 * Also ends it when vitest cancels the test, and when the caller's own signal aborts.
 */
export class TestClock {
  /** Aborts when the run has to end. */
  readonly signal: AbortSignal
  /** The test's timeout in ms; Infinity where it has none. */
  readonly timeout: number
  readonly #own = new AbortController()
  readonly #timer: ReturnType<typeof setTimeout> | undefined

  constructor(test: RunningTest | undefined, signal?: AbortSignal) {
    this.timeout = test?.timeout || Number.POSITIVE_INFINITY
    const others = [test?.context?.signal, signal].filter((one) => one !== undefined)
    this.signal = AbortSignal.any([this.#own.signal, ...others])
    const left = leftOf(this.timeout, test?.result?.startTime) - MARGIN_MS
    if (left <= MAX_TIMER_MS) this.#timer = setTimeout(() => this.#own.abort(), Math.max(0, left))
  }

  /** Whether the run was ended as the test's time was up. */
  get isUp(): boolean {
    return this.#own.signal.aborted
  }

  /** To be called at the end of the run. */
  stop(): void {
    clearTimeout(this.#timer)
  }
}

/** A test that is tried again has the time of each try, and says only when the first began. */
function leftOf(timeout: number, startTime: number | undefined): number {
  const left = startTime === undefined ? timeout : timeout - (Date.now() - startTime)
  return left > 0 ? left : timeout
}
