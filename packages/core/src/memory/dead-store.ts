import type { DeadLetterSelection } from '../broker.ts'
import { OptionError } from '../errors.ts'
import type { Entry } from './entry.ts'

/** Dead letters in a page, when nobody says. */
export const DEFAULT_PAGE = 50

/** Dead letters in a page at most; asking for more gives this many. */
export const MAX_PAGE = 1_000

/** A page of dead jobs, newest first, and where the next one starts. */
export interface DeadPage {
  readonly entries: readonly Entry[]
  readonly cursor: string | undefined
}

/**
 * The dead jobs, in the order in which they died. Pages are found by bisection, and a job that dies or leaves while
 * somebody pages makes them see nothing twice and miss nothing that stays.
 */
export class DeadStore {
  readonly #byId = new Map<string, Entry>()
  /** By `deadOrder`. Those that left are undefined until there are as many as of the others. */
  #line: (Entry | undefined)[] = []
  #orders: number[] = []
  #nextOrder = 1

  get size(): number {
    return this.#byId.size
  }

  /** Places in the line, those of dead jobs that left included: at most twice as many as there are dead jobs. */
  get places(): number {
    return this.#line.length
  }

  get(id: string): Entry | undefined {
    return this.#byId.get(id)
  }

  /** Those that are meant and here, each once. */
  select(which: DeadLetterSelection): Entry[] {
    if ('queue' in which) return [...this.#byId.values()].filter((entry) => entry.queue === which.queue)
    return [...new Set(which.ids)].map((id) => this.#byId.get(id)).filter((entry) => entry !== undefined)
  }

  add(entry: Entry): void {
    entry.deadOrder = this.#nextOrder++
    this.#byId.set(entry.id, entry)
    this.#line.push(entry)
    this.#orders.push(entry.deadOrder)
  }

  remove(entry: Entry): void {
    this.#byId.delete(entry.id)
    this.#line[this.#firstFrom(entry.deadOrder)] = undefined
    if (this.#line.length > 2 * this.#byId.size) {
      this.#line = this.#line.filter((kept) => kept !== undefined)
      this.#orders = this.#line.map((kept) => (kept as Entry).deadOrder)
    }
  }

  /** @throws {OptionError} for a cursor that no page gave. */
  page(options: { queue?: string | undefined; limit?: number | undefined; cursor?: string | undefined }): DeadPage {
    const { limit: asked = DEFAULT_PAGE } = options
    const limit = asked >= 1 ? Math.min(asked, MAX_PAGE) : 1
    const entries: Entry[] = []
    for (let at = this.#firstFrom(toOrder(options.cursor)) - 1; at >= 0; at--) {
      const entry = this.#line[at]
      if (!entry || (options.queue !== undefined && entry.queue !== options.queue)) continue
      if (entries.length >= limit) return { entries, cursor: String(entries.at(-1)?.deadOrder) }
      entries.push(entry)
    }
    return { entries, cursor: undefined }
  }

  /** Index of the first one that died at `order` or after it. */
  #firstFrom(order: number): number {
    let low = 0
    let high = this.#orders.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#orders[middle] as number) < order) low = middle + 1
      else high = middle
    }
    return low
  }
}

function toOrder(cursor: string | undefined): number {
  if (cursor === undefined) return Number.POSITIVE_INFINITY
  const order = Number(cursor)
  if (Number.isSafeInteger(order) && order > 0) return order
  throw new OptionError(
    `dead letters cannot be listed from cursor ${JSON.stringify(cursor)}; pass the cursor of the page before, or none`,
  )
}
