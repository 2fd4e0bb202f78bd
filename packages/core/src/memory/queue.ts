import { PRIORITIES, type QueueStats } from '../broker.ts'
import type { Entry } from './entry.ts'
import { Heap } from './heap.ts'

const sooner = (a: Entry, b: Entry): boolean => a.due < b.due || (a.due === b.due && a.order < b.order)

/** The waiting jobs of one priority: those that are due, and those that are not yet. */
interface Lane {
  readonly ready: Heap<Entry>
  readonly delayed: Heap<Entry>
}

/** One queue of the memory broker: what waits in it by priority and due time, and the figures of what does not wait. */
export class MemoryQueue {
  readonly name: string
  paused = false
  /** Jobs of it that are handed out. */
  active = 0
  /** Jobs of it that are dead. */
  dead = 0
  readonly #lanes: readonly Lane[] = PRIORITIES.map(() => ({ ready: new Heap(sooner), delayed: new Heap(sooner) }))

  constructor(name: string) {
    this.name = name
  }

  /** Nothing is lost when it is forgotten. */
  get idle(): boolean {
    return (
      !this.paused && !this.active && !this.dead && this.#lanes.every((lane) => !lane.ready.size && !lane.delayed.size)
    )
  }

  push(entry: Entry, now: number): void {
    const lane = this.#lanes[entry.lane] as Lane
    if (entry.due <= now) lane.ready.push(entry)
    else lane.delayed.push(entry)
  }

  /** Takes out a job that waits here. */
  remove(entry: Entry): void {
    const lane = this.#lanes[entry.lane] as Lane
    if (!lane.ready.remove(entry)) lane.delayed.remove(entry)
  }

  /** Makes ready what is due by now. */
  promote(now: number): void {
    for (const { ready, delayed } of this.#lanes) {
      for (let next = delayed.peek(); next && next.due <= now; next = delayed.peek()) {
        delayed.remove(next)
        ready.push(next)
      }
    }
  }

  /** Takes out the job that is to run next, of those that are ready. */
  shift(): Entry | undefined {
    for (const { ready } of this.#lanes) {
      if (ready.size) return ready.pop()
    }
    return undefined
  }

  /** When the next of the jobs that are not ready will be due, in ms since the epoch; Infinity when there is none. */
  nextDue(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { delayed } of this.#lanes) next = Math.min(next, delayed.peek()?.due ?? next)
    return next
  }

  stats(now: number): QueueStats {
    this.promote(now)
    let ready = 0
    let delayed = 0
    let oldest = now
    for (const lane of this.#lanes) {
      ready += lane.ready.size
      delayed += lane.delayed.size
      oldest = Math.min(oldest, lane.ready.peek()?.due ?? oldest)
    }
    return {
      queue: this.name,
      ready,
      delayed,
      active: this.active,
      dead: this.dead,
      oldestAgeMs: now - oldest,
      paused: this.paused,
    }
  }
}
