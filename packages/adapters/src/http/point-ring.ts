import { MAX_POINTS } from './contract.ts'

/** The newest `MAX_POINTS` points, oldest first, as JSON: what is sent again and again is written once, and small. */
export class PointRing {
  readonly #texts: string[] = []
  #oldest = 0

  add(text: string): void {
    this.#texts[this.#oldest] = text
    this.#oldest = (this.#oldest + 1) % MAX_POINTS
  }

  all(): readonly string[] {
    return [...this.#texts.slice(this.#oldest), ...this.#texts.slice(0, this.#oldest)]
  }
}
