import { CollectionWatch } from '../collection-watch.ts'
import { readMemory } from '../memory.ts'
import { Pauses } from '../pauses.ts'
import { platform } from '../platform/this-platform.ts'
import type { LineWriter } from './line-writer.ts'
import { SAY } from './lines.ts'

/** Between two readings on the way, in ms, at most: they are taken when a job has ended. */
export const READ_EVERY_MS = 50

/** Between two readings, in ms, at least: each takes some 50 µs. */
const READ_AT_MOST_MS = 2

/** What may be taken between two readings, as a share of the limit: who takes more is read more often. */
const READ_EVERY_SHARE = 0.02

/** Between two tellings of how long collections took, in ms: they are only counted. */
const PAUSES_EVERY_MS = 1_000

/**
 * The memory of an isolate: told on the way, after natural collections, and after those that are asked for; and how long
 * collections have stopped it.
 */
export class IsolateMemory {
  readonly #out: LineWriter
  readonly #watch: CollectionWatch
  readonly #limit: number
  #jobs = 0
  #nextAt = 0
  readonly #pauses = new Pauses()
  #pausesNextAt = 0
  #last: { readonly at: number; readonly rss: number } | undefined

  /** `limit`: what this isolate may take, in bytes. */
  constructor(out: LineWriter, limit: number) {
    this.#out = out
    this.#limit = limit
    this.#watch = new CollectionWatch(
      (collected) => out.say(SAY.collected, 0, JSON.stringify(collected)),
      (kind, ms) => this.#pauses.add(kind, ms),
    )
  }

  /** Counts a job that has ended, and tells the memory when that is due. */
  ended(name: string): void {
    this.#jobs++
    this.#watch.count(name)
    if (performance.now() >= this.#nextAt) this.#say(false)
  }

  /**
   * Tells the memory after a full collection. Such a one gives no pages back to the system: where most of the resident
   * memory is in no object any more, a thorough one follows, which does. (It moves what is left, for which it takes more
   * memory for a moment: not where much is left.)
   */
  confirm(): void {
    platform.collect(false)
    const { total, rss } = readMemory()
    if (rss > this.#limit / 2 && total < rss / 2) platform.collect(true)
    // Memory of buffers is given back a little later, by a thread beside this one.
    setImmediate(() => this.#say(true))
  }

  /** Tells what is left to tell, and then no more. */
  stop(): void {
    this.#watch.stop()
    this.#sayPauses()
  }

  #say(confirmed: boolean): void {
    const reading = readMemory()
    const at = performance.now()
    this.#nextAt = at + this.#pause(at, reading.rss)
    this.#last = { at, rss: reading.rss }
    this.#out.say(SAY.memory, 0, JSON.stringify({ ...reading, jobs: this.#jobs, ageMs: at, confirmed }))
    if (at >= this.#pausesNextAt) this.#sayPauses()
  }

  #sayPauses(): void {
    const pauses = this.#pauses.take()
    if (!pauses) return
    this.#pausesNextAt = performance.now() + PAUSES_EVERY_MS
    this.#out.say(SAY.pauses, 0, JSON.stringify(pauses))
  }

  /** Until the next reading, by how fast the memory has grown since the last one. */
  #pause(at: number, rss: number): number {
    if (!this.#last || rss <= this.#last.rss) return READ_EVERY_MS
    const perMs = (rss - this.#last.rss) / Math.max(1, at - this.#last.at)
    return Math.min(READ_EVERY_MS, Math.max(READ_AT_MOST_MS, (this.#limit * READ_EVERY_SHARE) / perMs))
  }
}
