/** Something that a heap can hold. It is in one heap at a time, and knows its place there. */
export interface HeapItem {
  /** Its place in the heap that holds it; kept by the heap. */
  slot: number
}

/**
 * A binary heap whose items know their place, so that any of them can be moved or removed in logarithmic time: a
 * cancelled job leaves nothing behind.
 */
export class Heap<T extends HeapItem> {
  readonly #items: T[] = []
  readonly #before: (a: T, b: T) => boolean

  /** `before` is a total order: whether `a` comes out before `b`. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  /** The item that comes out next, left where it is. */
  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    this.#items.push(item)
    this.#up(item, this.#items.length - 1)
  }

  pop(): T | undefined {
    const first = this.#items[0]
    if (first) this.remove(first)
    return first
  }

  /** Takes an item out, wherever it is. False when this heap does not hold it. */
  remove(item: T): boolean {
    const slot = item.slot
    if (this.#items[slot] !== item) return false
    const last = this.#items.pop() as T
    item.slot = -1
    if (last !== item) this.#place(last, slot)
    return true
  }

  /** Puts an item in its right place after its order changed. False when this heap does not hold it. */
  update(item: T): boolean {
    if (this.#items[item.slot] !== item) return false
    this.#place(item, item.slot)
    return true
  }

  #place(item: T, slot: number): void {
    const parent = this.#items[(slot - 1) >> 1]
    if (slot > 0 && parent && this.#before(item, parent)) this.#up(item, slot)
    else this.#down(item, slot)
  }

  #up(item: T, from: number): void {
    let slot = from
    while (slot > 0) {
      const above = (slot - 1) >> 1
      const parent = this.#items[above] as T
      if (!this.#before(item, parent)) break
      this.#set(parent, slot)
      slot = above
    }
    this.#set(item, slot)
  }

  #down(item: T, from: number): void {
    const size = this.#items.length
    let slot = from
    for (;;) {
      let below = 2 * slot + 1
      if (below >= size) break
      let child = this.#items[below] as T
      const right = this.#items[below + 1]
      if (right && this.#before(right, child)) {
        child = right
        below++
      }
      if (!this.#before(child, item)) break
      this.#set(child, slot)
      slot = below
    }
    this.#set(item, slot)
  }

  #set(item: T, slot: number): void {
    this.#items[slot] = item
    item.slot = slot
  }
}
