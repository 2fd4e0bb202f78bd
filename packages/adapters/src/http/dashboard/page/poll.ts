/**
 * Does something again and again, `everyMs` after it was done last, while the page is looked at: a page in the
 * background asks for nothing. What fails is tried again the next time, by itself.
 */
export class Poll {
  readonly #everyMs: number
  readonly #work: () => Promise<void>
  #timer: ReturnType<typeof setTimeout> | undefined
  #busy = false

  constructor(everyMs: number, work: () => Promise<void>) {
    this.#everyMs = everyMs
    this.#work = work
    document.addEventListener('visibilitychange', () => this.now())
    this.now()
  }

  /** Does it at once, unless it is being done. */
  async now(): Promise<void> {
    clearTimeout(this.#timer)
    if (document.hidden || this.#busy) return
    this.#busy = true
    try {
      await this.#work()
    } catch {
      // The connection's state is said where the live figures come from.
    }
    this.#busy = false
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.now(), this.#everyMs)
  }
}
