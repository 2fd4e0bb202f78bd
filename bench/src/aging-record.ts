import { median } from './median.ts'

/** Medians of one window of jobs, in µs. */
export interface Window {
  /** From one job's settling to the next one's: all that is done for a job. */
  readonly job: number
  /** Of a fixed piece of work, done between every two jobs: what the machine was like. */
  readonly reference: number
}

/** How long jobs took in one process, early and late. */
export interface Aging {
  readonly early: Window
  readonly late: Window
}

/** Jobs after which the compiler is done: with fewer, early jobs are slow and flatter the late ones. */
const WARM_UP = 100_000
const JOBS = 10_000
const WINDOW = 1_000

/** How many jobs a process has to do. */
export const AGING_JOBS: number = WARM_UP + JOBS

const SAMPLE = { id: 'a1', to: 'ann@example.org', at: 1_700_000_000_000, lines: ['one', 'two', 'three', 'four'] }

/** Times the jobs of a process, and a reference load after each of them. */
export class AgingRecord {
  // Of a fixed size, so that keeping the figures does not age the process.
  readonly #jobUs = new Float64Array(AGING_JOBS)
  readonly #referenceUs = new Float64Array(AGING_JOBS)
  readonly #trips: number
  #settled = 0
  #sink = 0
  #readyAt = performance.now()

  /** `trips`: round trips through JSON in the reference load. */
  constructor(trips = 5) {
    this.#trips = trips
  }

  /** A job has settled. */
  settled(): void {
    const settledAt = performance.now()
    for (let i = 0; i < this.#trips; i++) this.#sink += JSON.parse(JSON.stringify(SAMPLE)).lines.length
    const workedAt = performance.now()
    this.#jobUs[this.#settled] = (settledAt - this.#readyAt) * 1_000
    this.#referenceUs[this.#settled] = (workedAt - settledAt) * 1_000
    this.#settled++
    this.#readyAt = performance.now()
  }

  /** @throws when not every job has settled, once. */
  toAging(): Aging {
    if (this.#settled !== AGING_JOBS || this.#sink === 0)
      throw new Error(`${this.#settled} jobs were measured, not ${AGING_JOBS}`)
    return { early: this.#toWindow(0), late: this.#toWindow(JOBS - WINDOW) }
  }

  #toWindow(from: number): Window {
    const of = (all: Float64Array): number => median([...all.subarray(WARM_UP + from, WARM_UP + from + WINDOW)])
    return { job: of(this.#jobUs), reference: of(this.#referenceUs) }
  }
}
