/** How many numbers an error names. */
const MAX_NAMED = 5

/** Some jobs did not run exactly once. */
export class TallyError extends Error {
  readonly code = 'BENCH_TALLY'
  override readonly name = 'TallyError'
}

/** Counts how often each of so many jobs ran. */
export class Tally {
  readonly #runs: Uint8Array
  #distinct = 0
  #strangers = 0
  #onComplete: (() => void) | undefined

  constructor(jobs: number) {
    this.#runs = new Uint8Array(jobs)
  }

  /** Counts a run of job `n`. */
  add(n: number): void {
    const runs = this.#runs[n]
    if (runs === undefined) this.#strangers++
    // 255 is as good as more.
    else this.#runs[n] = Math.min(runs + 1, 255)
    if (runs === 0 && ++this.#distinct === this.#runs.length) this.#onComplete?.()
  }

  /** Resolves when every job has run at least once. */
  complete(): Promise<void> {
    if (this.#distinct === this.#runs.length) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onComplete = resolve
    })
  }

  /** @throws {TallyError} when a job ran more than once or not at all, or one ran that nobody enqueued. */
  verify(): void {
    const wrong = [...this.#runs.entries()].filter(([, runs]) => runs !== 1)
    if (wrong.length === 0 && this.#strangers === 0) return
    const named = wrong.slice(0, MAX_NAMED).map(([n, runs]) => `job ${n} ran ${runs} times`)
    if (wrong.length > named.length) named.push(`${wrong.length - named.length} more like that`)
    if (this.#strangers > 0) named.push(`${this.#strangers} runs of jobs that were not enqueued`)
    throw new TallyError(`of ${this.#runs.length} jobs not every one ran exactly once: ${named.join(', ')}`)
  }
}
