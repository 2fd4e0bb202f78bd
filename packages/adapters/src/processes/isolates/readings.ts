import type { HookEvents, MemoryReading } from '@isobar/core'
import {
  explain,
  FRESH,
  type GovernorState,
  govern,
  type Hooks,
  type IsolateReading,
  type LeakEstimate,
  Sentinel,
} from '@isobar/core/worker'
import type { Collected } from '../collection-watch.ts'
import type { Isolate } from './isolate.ts'
import type { Farewell } from './members.ts'
import type { PoolSettings } from './settings.ts'

/** What is to be done with an isolate, by its memory. */
export type Judgement =
  | { readonly action: 'continue' | 'confirm' | 'prepare' }
  | { readonly action: 'recycle'; readonly farewell: Farewell }

/** What the memory of isolates says: when one has to go, and which job type leaves bytes behind. */
export class Readings {
  readonly #settings: PoolSettings
  readonly #hooks: Hooks
  readonly #governors = new WeakMap<Isolate, GovernorState>()
  readonly #sentinel = new Sentinel()

  constructor(settings: PoolSettings, hooks: Hooks) {
    this.#settings = settings
    this.#hooks = hooks
  }

  /** Asks the governor. What an operator should know is told. */
  judge(isolate: Isolate, reading: IsolateReading): Judgement {
    const { memory, ageMs, leastAgeMs } = this.#settings
    const jobs = isolate.ageMs < leastAgeMs ? Number.POSITIVE_INFINITY : this.#settings.jobs
    const before = this.#governors.get(isolate) ?? FRESH
    const { state, verdict, notice } = govern(before, reading, { memory, jobs, ageMs })
    this.#governors.set(isolate, state)
    if (reading.confirmed) this.#tell(isolate, reading)
    if (notice) console.error(`isobar: ${explain(notice)}`)
    if (verdict.action !== 'recycle') return { action: verdict.action }
    const { why } = verdict
    return { action: 'recycle', farewell: { cause: why.reason, message: explain(why), why } }
  }

  /** Takes what an isolate has read after a natural full collection. */
  collected(isolate: Isolate, { alive, counts, reading }: Collected): void {
    if (isolate.alive !== undefined) {
      const jobs = Object.fromEntries(counts)
      this.#sentinel.add({ bytes: alive - isolate.alive, jobs, at: reading.at, isolate: String(isolate.id) })
    }
    isolate.alive = alive
    this.#tell(isolate, reading)
  }

  /** Bytes that a job of each type leaves behind. */
  leaks(): readonly LeakEstimate[] {
    return this.#sentinel.estimates()
  }

  #tell({ slot }: Isolate, reading: MemoryReading): void {
    if (!this.#hooks.has('memory')) return
    const suspect = this.#sentinel.suspect()
    const event: HookEvents['memory'] = { reading, slot, ...(suspect && { suspect }) }
    this.#hooks.emit('memory', event)
  }
}
