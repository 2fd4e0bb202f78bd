import type { HookEvents, IsolateState, RecycleCause } from '@isobar/core'
import type { Hooks } from '@isobar/core/worker'
import type { Isolate } from './isolate.ts'

/** Why an isolate is to go. */
export type Farewell = Pick<HookEvents['recycle'], 'cause' | 'message' | 'why' | 'error'>

/**
 * The isolates of a pool whose processes have not gone: who serves as what, who is to go and why, and how it is told. What
 * there should be is the roster's to say.
 */
export class Members {
  /** Isolates replaced so far, by cause. */
  readonly recycles: Record<RecycleCause, number> = {
    memory: 0,
    jobs: 0,
    age: 0,
    limit: 0,
    crash: 0,
    hang: 0,
    abandoned: 0,
    scale: 0,
    asked: 0,
  }
  /** How long it took last from a death until another served in that place, in ms. */
  lastGapMs: number | undefined
  /** How often one was made active. */
  promotions = 0
  readonly #hooks: Hooks
  readonly #all = new Set<Isolate>()
  readonly #farewells = new WeakMap<Isolate, Farewell>()
  /** When active isolates died that nobody has replaced. */
  #deaths: number[] = []

  constructor(hooks: Hooks) {
    this.#hooks = hooks
  }

  get all(): ReadonlySet<Isolate> {
    return this.#all
  }

  add(isolate: Isolate): void {
    this.#all.add(isolate)
  }

  /** Its process has gone. */
  delete(isolate: Isolate): void {
    this.#all.delete(isolate)
  }

  in(...states: readonly IsolateState[]): Isolate[] {
    return [...this.#all].filter(({ state }) => states.includes(state))
  }

  /** One that lives and has its app loaded: an active one, if there is any. */
  anyAlive(except?: Isolate): Isolate | undefined {
    return this.in('active').find((one) => one !== except) ?? this.in('spare', 'alone', 'draining')[0]
  }

  /** Whether it is to go. */
  isLeaving(isolate: Isolate): boolean {
    return this.#farewells.has(isolate)
  }

  /** It is to go; the first reason counts. Answers whether that is new. */
  dismiss(isolate: Isolate, farewell: Farewell): boolean {
    if (this.#farewells.has(isolate)) return false
    this.#farewells.set(isolate, farewell)
    return true
  }

  /** Makes a spare serve, in the place of another or in one that nobody has. */
  promote(spare: Isolate, slot: number = this.#freeSlot()): void {
    spare.state = 'active'
    spare.slot = slot
    spare.served = slot
    this.promotions++
    const died = this.#deaths.shift()
    if (died !== undefined) this.lastGapMs = performance.now() - died
  }

  /** An active one has died. */
  died(): void {
    this.#deaths.push(performance.now())
  }

  /** There are to be more or fewer: places of the dead are not what will be filled. */
  forgetDeaths(): void {
    this.#deaths = []
  }

  /** Drains one, and tells why: the reason for which it was to go, if there is one, else this. */
  retire(isolate: Isolate, farewell?: Farewell): void {
    const why = this.#farewells.get(isolate) ?? farewell
    isolate.state = 'draining'
    if (why) this.tell(isolate, why)
    isolate.slot = undefined
    // What it has not started is another's.
    if (isolate.runs.size > 0) isolate.recall()
    else isolate.end()
  }

  /** Counts and tells that one is replaced. */
  tell(isolate: Isolate, farewell: Farewell): void {
    this.recycles[farewell.cause]++
    const { slot, pid, ended: jobs, ageMs } = isolate
    const event = { ...farewell, slot, pid, jobs, ageMs }
    this.#hooks.emit('recycle', event)
    this.anyAlive(isolate)?.forward('recycle', event)
  }

  /** The smallest number that no isolate serves as. */
  #freeSlot(): number {
    const taken = new Set(this.in('active').map(({ slot }) => slot))
    let slot = 0
    while (taken.has(slot)) slot++
    return slot
  }
}
