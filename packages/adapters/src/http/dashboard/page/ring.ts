/** Two points further apart than this, in ms, have a gap between them: points come one a second. */
export const GAP_MS = 2_500

/**
 * Rows of figures by time, as many as it was made for: the newest replaces the oldest. All memory is taken at once and
 * stays the same, however long it runs. A figure that is not there is NaN inside, and null outside.
 */
export class TimeRing {
  readonly size: number
  readonly #times: Float64Array
  readonly #columns: readonly Float64Array[]
  /** Where the next row goes. */
  #next = 0
  #count = 0

  constructor(columns: number, size: number) {
    this.size = size
    this.#times = new Float64Array(size)
    this.#columns = Array.from({ length: columns }, () => new Float64Array(size))
  }

  /** Rows that it has: at most `size`. */
  get count(): number {
    return this.#count
  }

  /** Time of the newest row, in ms since the epoch; 0 before the first. */
  get lastAt(): number {
    return this.#count === 0 ? 0 : (this.#times[this.#index(this.#count - 1)] as number)
  }

  /**
   * Opens a row, with no figure in it. A row that is too late gets an empty one before it, so that curves break there.
   * Answers false, and does nothing, where it is not newer than the newest.
   */
  push(at: number): boolean {
    const last = this.lastAt
    if (at <= last) return false
    if (last > 0 && at - last > GAP_MS) this.#open(last + 1_000)
    this.#open(at)
    return true
  }

  /** Sets a figure of the newest row. */
  set(column: number, value: number | null): void {
    const figures = this.#columns[column]
    if (figures && this.#count > 0) figures[this.#index(this.#count - 1)] = value ?? Number.NaN
  }

  /** A figure: row 0 is the oldest. */
  get(column: number, row: number): number | null {
    const value = this.#columns[column]?.[this.#index(row)]
    return row < 0 || row >= this.#count || value === undefined || Number.isNaN(value) ? null : value
  }

  /** Forgets a column, for another line to have it. */
  clearColumn(column: number): void {
    this.#columns[column]?.fill(Number.NaN)
  }

  /** Forgets all rows. */
  clear(): void {
    this.#next = 0
    this.#count = 0
  }

  /** Writes the times into an array that is used again and again, in seconds, the oldest first. */
  copyTimes(into: number[]): void {
    into.length = this.#count
    for (let row = 0; row < this.#count; row++) into[row] = (this.#times[this.#index(row)] as number) / 1_000
  }

  /** Writes a column into an array that is used again and again, the oldest first. */
  copy(column: number, into: (number | null)[]): void {
    const figures = this.#columns[column] as Float64Array
    into.length = this.#count
    for (let row = 0; row < this.#count; row++) {
      const value = figures[this.#index(row)] as number
      into[row] = Number.isNaN(value) ? null : value
    }
  }

  #open(at: number): void {
    this.#times[this.#next] = at
    for (const figures of this.#columns) figures[this.#next] = Number.NaN
    this.#next = (this.#next + 1) % this.size
    if (this.#count < this.size) this.#count++
  }

  #index(row: number): number {
    return (this.#next - this.#count + row + 2 * this.size) % this.size
  }
}
