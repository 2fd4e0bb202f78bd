/**
 * Splits a stream into the harness' own lines, which begin with a mark, and all else, which somebody printed: in front of
 * a mark there may be a line that has not ended. With an empty mark every line is the harness' own.
 */
export class MarkedLines {
  readonly #mark: string
  readonly #limit: number
  #pending = ''

  /** @param limit characters that one line may have */
  constructor(mark: string, limit: number) {
    this.#mark = mark
    this.#limit = limit
  }

  /** The lines that are complete by now, without their marks; undefined when one is longer than the limit. */
  add(text: string, onPrinted: (text: string) => void): string[] | undefined {
    this.#pending += text
    const lines: string[] = []
    for (;;) {
      const start = this.#mark === '' ? 0 : this.#pending.indexOf(this.#mark)
      if (start < 0) {
        // The beginning of a mark may be at the end.
        const keep = Math.min(this.#pending.length, this.#mark.length - 1)
        onPrinted(this.#pending.slice(0, this.#pending.length - keep))
        this.#pending = this.#pending.slice(this.#pending.length - keep)
        return lines
      }
      if (start > 0) onPrinted(this.#pending.slice(0, start))
      const end = this.#pending.indexOf('\n', start)
      this.#pending = this.#pending.slice(start)
      if (end < 0) return this.#pending.length > this.#limit ? undefined : lines
      lines.push(this.#pending.slice(this.#mark.length, end - start))
      this.#pending = this.#pending.slice(end - start + 1)
    }
  }
}
