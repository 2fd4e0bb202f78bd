import type { Dedupe } from '../broker.ts'
import { Heap, type HeapItem } from './heap.ts'

/** Who holds a key. */
interface Holder extends HeapItem {
  readonly name: string
  readonly id: string
  /** When a window ends, ms since the epoch; Infinity for a key that its job frees. */
  readonly until: number
}

/** The length keeps `a` + `bc` apart from `ab` + `c`. */
const nameOf = (queue: string, key: string): string => `${queue.length}:${queue}${key}`

/** What a key belongs to. */
export interface KeyOwner {
  readonly id: string
  readonly queue: string
  readonly key: string | undefined
}

/** The dedupe keys that are held, per queue: by a job until it lets go, or by a window until it ends. */
export class Keys {
  readonly #held = new Map<string, Holder>()
  readonly #windows = new Heap<Holder>((a, b) => a.until < b.until)

  /** Keys that a window holds. */
  get windows(): number {
    return this.#windows.size
  }

  /** The id of the job that holds a key, if any. */
  holder(queue: string, key: string): string | undefined {
    return this.#held.get(nameOf(queue, key))?.id
  }

  /** Takes a key, unless it is taken. Nothing happens for a job that has none. */
  hold(owner: KeyOwner, dedupe: Dedupe, now: number): void {
    if (owner.key === undefined) return
    const name = nameOf(owner.queue, owner.key)
    if (this.#held.has(name)) return
    const until = dedupe.mode === 'window' ? now + dedupe.windowMs : Number.POSITIVE_INFINITY
    const holder = { name, id: owner.id, until, slot: -1 }
    this.#held.set(name, holder)
    if (dedupe.mode === 'window') this.#windows.push(holder)
  }

  /** Lets go of a job's key, if that job holds it and no window does. */
  free(owner: KeyOwner): void {
    if (owner.key === undefined) return
    const name = nameOf(owner.queue, owner.key)
    const holder = this.#held.get(name)
    if (holder?.id === owner.id && holder.until === Number.POSITIVE_INFINITY) this.#held.delete(name)
  }

  /** Ends the windows that are over. */
  expire(now: number): void {
    for (let next = this.#windows.peek(); next && next.until <= now; next = this.#windows.peek()) {
      this.#windows.remove(next)
      this.#held.delete(next.name)
    }
  }
}
