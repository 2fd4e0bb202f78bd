import type { Row } from './database.ts'

/** Jobs in one answer of `receive`. */
export const MAX_CLAIM = 1_000

/** Characters of data in one answer of `receive`, about: what a worker holds is bounded in bytes too. */
const MAX_CHARS = 32_000_000

/** Jobs in the first answer, when nothing is known of their size. */
const FIRST_CLAIM = 100

/** Weight of the newest claim in the average, where it is the smaller. */
const NEWEST = 0.2

/** The column of a claim's rows that holds the data. */
const PAYLOAD = 12

/** How many jobs to claim at most, from how large those before were. */
export class ClaimSize {
  #average: number | undefined

  get most(): number {
    if (this.#average === undefined) return FIRST_CLAIM
    return Math.max(1, Math.min(MAX_CLAIM, Math.floor(MAX_CHARS / Math.max(1, this.#average))))
  }

  /** Learns from a claim: at once that jobs are large, and slowly that they are small again. */
  add(rows: readonly Row[]): void {
    if (rows.length === 0) return
    let chars = 0
    for (const row of rows) chars += typeof row[PAYLOAD] === 'string' ? row[PAYLOAD].length : 0
    const average = chars / rows.length
    const before = this.#average ?? average
    this.#average = average > before ? average : before + NEWEST * (average - before)
  }
}
