import type { App, MemoryReading } from '@isobar/core'
import { type LeakEstimate, type MemoryProbe, Sentinel } from '@isobar/core/worker'
import { CollectionWatch } from './collection-watch.ts'
import { readMemory } from './memory.ts'

/** Watches what the jobs of an app that runs in this process leave behind, by job type. Its findings reach the hook `memory`. */
export class MemoryWatch implements MemoryProbe {
  readonly #sentinel = new Sentinel()
  readonly #watch: CollectionWatch
  readonly #uncount: () => void
  #alive: number | undefined

  constructor(app: Pick<App, 'addHook' | 'emit'>) {
    this.#uncount = app.addHook('settle', ({ job }) => this.#watch.count(job.name))
    this.#watch = new CollectionWatch(({ reading, alive, counts }) => {
      if (this.#alive !== undefined)
        this.#sentinel.add({ bytes: alive - this.#alive, jobs: Object.fromEntries(counts), at: reading.at })
      this.#alive = alive
      const suspect = this.#sentinel.suspect()
      app.emit('memory', { reading, ...(suspect && { suspect }) })
    })
  }

  read(): MemoryReading {
    return readMemory()
  }

  leaks(): readonly LeakEstimate[] {
    return this.#sentinel.estimates()
  }

  /** Watches no more. */
  stop(): void {
    this.#uncount()
    this.#watch.stop()
  }
}
