import { LRUCache } from 'lru-cache'

/** Rows that a table keeps. */
export const DEFAULT_ROWS = 200

/**
 * A table in memory that keeps the rows used last. Rows are kept as JSON, as a database would: what the table holds
 * shares nothing with the job that wrote it.
 */
export class Table<Row> {
  readonly #rows: LRUCache<string, string>
  readonly #fixed: Map<string, string>

  /** `fixed` rows stay, beside the `max` others; they can be written over. */
  constructor(max: number = DEFAULT_ROWS, fixed: Iterable<readonly [key: string, row: Row]> = []) {
    this.#rows = new LRUCache({ max })
    this.#fixed = new Map(Array.from(fixed, ([key, row]) => [key, JSON.stringify(row)]))
  }

  /** Rows in the table, the fixed ones included. */
  get size(): number {
    return this.#rows.size + this.#fixed.size
  }

  get(key: string): Row | undefined {
    const json = this.#fixed.get(key) ?? this.#rows.get(key)
    return json === undefined ? undefined : (JSON.parse(json) as Row)
  }

  /** All rows, the fixed ones first. */
  *values(): Generator<Row> {
    for (const json of this.#fixed.values()) yield JSON.parse(json) as Row
    for (const json of this.#rows.values()) yield JSON.parse(json) as Row
  }

  set(key: string, row: Row): void {
    const json = JSON.stringify(row)
    if (this.#fixed.has(key)) this.#fixed.set(key, json)
    else this.#rows.set(key, json)
  }
}
