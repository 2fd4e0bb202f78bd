import { readMemoryOf } from './processes.ts'

/** Watches the memory of processes that come and go. */
export class MemoryWatch {
  readonly #pids: () => readonly number[]
  readonly #timer: NodeJS.Timeout
  readonly #seen = new Set<number>()
  #peak = 0

  /** `pids`: who lives now. `onPeak` is called with each new peak, in bytes. */
  constructor(everyMs: number, pids: () => readonly number[], onPeak?: (bytes: number) => void) {
    this.#pids = pids
    this.#timer = setInterval(() => {
      const before = this.#peak
      this.look()
      if (this.#peak > before) onPeak?.(this.#peak)
    }, everyMs)
  }

  /** Looks now. The kernel keeps the peak of each process: only what comes after the last look at it is missed. */
  look(): void {
    for (const pid of this.#pids()) {
      this.#seen.add(pid)
      this.#peak = Math.max(this.#peak, readMemoryOf(pid, 'peak'))
    }
  }

  /** The most resident memory that any of them had, in bytes. */
  get peak(): number {
    return this.#peak
  }

  /** How many there were in all. */
  get processes(): number {
    return this.#seen.size
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
