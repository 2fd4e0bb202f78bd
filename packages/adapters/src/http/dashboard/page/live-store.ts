import { type LivePoint, MAX_POINT_QUEUES, MAX_POINT_SLOTS, MAX_POINT_TYPES, MAX_POINTS } from '../answers.ts'
import { Lanes } from './lanes.ts'
import { TimeRing } from './ring.ts'

/** Recycles that are remembered: the newest. */
export const MAX_RECYCLES = 60

/** Where the figures of a point stand in the ring. Of those that there are several of, the first lane's. */
export const COLUMN = {
  done: 0,
  retried: 1,
  dead: 2,
  p50: 3,
  p99: 4,
  /** The worker's own process. */
  total: 5,
  limit: 6,
  /** Three a job type: bytes per job, and the ends of their interval. */
  types: 7,
  /** Two an isolate: total and limit. */
  slots: 7 + 3 * MAX_POINT_TYPES,
  /** Two a queue: ready jobs, and the age of the oldest. */
  queues: 7 + 3 * MAX_POINT_TYPES + 2 * MAX_POINT_SLOTS,
} as const

const COLUMNS = COLUMN.queues + 2 * MAX_POINT_QUEUES

/** An isolate was replaced. */
export interface Recycle {
  readonly at: number
  /** Null for a spare. */
  readonly slot: number | null
  readonly cause: string
  readonly message: string
}

/** The last 15 minutes: one ring for all figures, and who has which line. Its size does not change. */
export class LiveStore {
  readonly ring: TimeRing = new TimeRing(COLUMNS, MAX_POINTS)
  readonly types: Lanes = new Lanes(MAX_POINT_TYPES)
  readonly slots: Lanes = new Lanes(MAX_POINT_SLOTS)
  readonly queues: Lanes = new Lanes(MAX_POINT_QUEUES)
  /** When the type of each lane was suspect last, ms since the epoch. */
  readonly #suspectAt = new Float64Array(MAX_POINT_TYPES)
  /** The newest last. */
  readonly recycles: Recycle[] = []
  /** The newest point. */
  last: LivePoint | undefined

  /** Takes over what the server has kept. */
  replace(points: readonly LivePoint[]): void {
    this.ring.clear()
    for (const lanes of [this.types, this.slots, this.queues]) lanes.clear()
    this.recycles.length = 0
    this.last = undefined
    this.#suspectAt.fill(0)
    for (const point of points) this.add(point)
  }

  /** Adds a second. Answers false where it was known already. */
  add(point: LivePoint): boolean {
    const { ring } = this
    if (!ring.push(point.at)) return false
    this.last = point
    ring.set(COLUMN.done, point.done)
    ring.set(COLUMN.retried, point.retried)
    ring.set(COLUMN.dead, point.dead)
    ring.set(COLUMN.p50, point.p50)
    ring.set(COLUMN.p99, point.p99)
    ring.set(COLUMN.total, point.memory?.total ?? null)
    ring.set(COLUMN.limit, point.memory?.limit ?? null)
    for (const [name, bytes, low, high, suspect] of point.types) {
      const { lane, fresh } = this.#set(this.types, name, COLUMN.types, [bytes, low, high])
      if (suspect) this.#suspectAt[lane] = point.at
      else if (fresh) this.#suspectAt[lane] = 0
    }
    for (const [slot, total, , limit] of point.slots) {
      // None has 0 bytes: its memory has not been read yet.
      this.#set(this.slots, String(slot), COLUMN.slots, [total || null, limit])
    }
    for (const [name, ready, , , , age] of point.queues) this.#set(this.queues, name, COLUMN.queues, [ready, age])
    for (const [slot, cause, message] of point.recycles) this.recycles.push({ at: point.at, slot, cause, message })
    if (this.recycles.length > MAX_RECYCLES) this.recycles.splice(0, this.recycles.length - MAX_RECYCLES)
    return true
  }

  /** Job types that were suspect in the time that is kept, and when last. */
  suspectedBefore(): { readonly name: string; readonly at: number }[] {
    const since = this.ring.lastAt - MAX_POINTS * 1_000
    const all = Array.from(this.#suspectAt, (at, lane) => ({ name: this.types.name(lane), at }))
    return all.filter((one): one is { name: string; at: number } => one.name !== undefined && one.at > since)
  }

  #set(lanes: Lanes, name: string, first: number, values: readonly (number | null)[]): ReturnType<Lanes['take']> {
    const taken = lanes.take(name)
    const { lane, fresh } = taken
    const column = first + lane * values.length
    for (const [index, value] of values.entries()) {
      if (fresh) this.ring.clearColumn(column + index)
      this.ring.set(column + index, value)
    }
    return taken
  }
}
