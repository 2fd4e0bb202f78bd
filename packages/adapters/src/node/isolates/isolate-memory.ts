import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CollectionWatch } from '../collection-watch.ts'
import { readMemory } from '../memory.ts'
import type { LineWriter } from './line-writer.ts'
import { SAY } from './lines.ts'

/** Between two readings on the way, in ms: they are taken when a job has ended. */
export const READ_EVERY_MS = 50

/** The memory of an isolate: told on the way, after natural collections, and after those that are asked for. */
export class IsolateMemory {
  readonly #out: LineWriter
  readonly #watch: CollectionWatch
  #jobs = 0
  #nextAt = 0
  #collect: NodeJS.GCFunction | undefined

  constructor(out: LineWriter) {
    this.#out = out
    this.#watch = new CollectionWatch((collected) => out.say(SAY.collected, 0, JSON.stringify(collected)))
  }

  /** Counts a job that has ended, and tells the memory when that is due. */
  ended(name: string): void {
    this.#jobs++
    this.#watch.count(name)
    const now = performance.now()
    if (now < this.#nextAt) return
    this.#nextAt = now + READ_EVERY_MS
    this.#say(false)
  }

  /**
   * Tells the memory after a full collection. Only the thorough kind gives pages back to the system: with any other, the
   * resident memory of a process that makes much garbage is never seen to fall.
   */
  confirm(thorough: boolean): void {
    this.#collect ??= findCollector()
    this.#collect({ type: 'major', execution: 'sync', ...(thorough && { flavor: 'last-resort' }) })
    // Memory of buffers is given back a little later, by a thread beside this one.
    setImmediate(() => this.#say(true))
  }

  /** Tells no more. */
  stop(): void {
    this.#watch.stop()
  }

  #say(confirmed: boolean): void {
    this.#out.say(SAY.memory, 0, JSON.stringify({ ...readMemory(), jobs: this.#jobs, confirmed }))
  }
}

/** The engine's own collector, which is there for those who ask, without a flag on the command line. */
function findCollector(): NodeJS.GCFunction {
  if (globalThis.gc) return globalThis.gc
  setFlagsFromString('--expose-gc')
  const collect: NodeJS.GCFunction = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return collect
}
