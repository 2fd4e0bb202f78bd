/** Jobs compared at either end of a run, at most. */
export const COMPARED = 1_000

/** Jobs after which what the engine compiles has mostly settled. */
export const WARM_UP_JOBS = 2_000

/** A reading of the memory. */
export interface MemoryPoint {
  /** Jobs that had come to an end. */
  readonly jobs: number
  /** Heap and external memory after a collection, in bytes. */
  readonly bytes: number
}

/** How one end of a run was. */
export interface EndFigures {
  readonly jobs: number
  readonly medianMs: number
  /** Median of the readings among these jobs. */
  readonly bytes: number
}

/** Keeps the durations of the first and the last jobs in memory that is taken once. */
export class Durations {
  readonly #first: Float64Array
  readonly #last: Float64Array
  #count = 0

  constructor(compared: number = COMPARED) {
    this.#first = new Float64Array(compared)
    this.#last = new Float64Array(compared)
  }

  add(ms: number): void {
    if (this.#count < this.#first.length) this.#first[this.#count] = ms
    this.#last[this.#count % this.#last.length] = ms
    this.#count++
  }

  /** Medians in ms, of as many jobs at either end as there are, at most half of them all. */
  medians(): { readonly jobs: number; readonly firstMs: number; readonly lastMs: number } {
    const jobs = Math.min(this.#first.length, Math.floor(this.#count / 2))
    const last = Array.from(
      { length: jobs },
      (_, back) => this.#last[(this.#count - 1 - back) % this.#last.length] ?? 0,
    )
    return { jobs, firstMs: median([...this.#first.subarray(0, jobs)]), lastMs: median(last) }
  }
}

/** How the first and the last jobs compare. */
export function compareEnds(
  durations: Durations,
  points: readonly MemoryPoint[],
): { readonly first: EndFigures; readonly last: EndFigures } {
  const { jobs, firstMs, lastMs } = durations.medians()
  const end = points.at(-1)?.jobs ?? 0
  const bytesWhere = (isIn: (point: MemoryPoint) => boolean) => median(points.filter(isIn).map(({ bytes }) => bytes))
  return {
    first: { jobs, medianMs: firstMs, bytes: bytesWhere((point) => point.jobs <= jobs) },
    last: { jobs, medianMs: lastMs, bytes: bytesWhere((point) => point.jobs >= end - jobs) },
  }
}

/**
 * Bytes that a job leaves behind: the median slope over all pairs of readings of the second half, the warm-up left out.
 * Undefined with fewer than four of them.
 * Source: P. K. Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau", JASA 63, 1968.
 */
export function slopeOf(points: readonly MemoryPoint[]): number | undefined {
  const from = Math.max(WARM_UP_JOBS, (points.at(-1)?.jobs ?? 0) / 2)
  const half = points.filter(({ jobs }) => jobs >= from)
  if (half.length < 4) return undefined
  const slopes = half.flatMap((a, at) =>
    half.slice(at + 1).map((b) => (b.bytes - a.bytes) / Math.max(1, b.jobs - a.jobs)),
  )
  return median(slopes)
}

/** The middle value; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}
