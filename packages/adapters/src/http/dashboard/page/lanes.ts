/**
 * Gives names (job types, isolates, queues) one of a fixed number of lanes: a line of a chart with its colour. A name
 * keeps its lane while it is seen; where all are taken, the one not seen for longest goes.
 */
export class Lanes {
  readonly #names: (string | undefined)[]
  /** When each was seen last, on a clock that counts calls. */
  readonly #seen: number[]
  #clock = 0

  constructor(size: number) {
    this.#names = new Array<string | undefined>(size).fill(undefined)
    this.#seen = new Array<number>(size).fill(0)
  }

  get size(): number {
    return this.#names.length
  }

  /** Who has a lane; undefined while nobody does. */
  name(lane: number): string | undefined {
    return this.#names[lane]
  }

  /** The lane of a name; -1 for one that has none. */
  find(name: string): number {
    return this.#names.indexOf(name)
  }

  /** The lane of a name that was seen, and whether it is new to it: what the lane held was another's. */
  take(name: string): { readonly lane: number; readonly fresh: boolean } {
    const known = this.find(name)
    const lane = known >= 0 ? known : this.#leastSeen()
    this.#names[lane] = name
    this.#seen[lane] = ++this.#clock
    return { lane, fresh: known < 0 }
  }

  clear(): void {
    this.#names.fill(undefined)
    this.#seen.fill(0)
  }

  #leastSeen(): number {
    let least = 0
    for (let lane = 1; lane < this.#seen.length; lane++) {
      if ((this.#seen[lane] as number) < (this.#seen[least] as number)) least = lane
    }
    return least
  }
}
