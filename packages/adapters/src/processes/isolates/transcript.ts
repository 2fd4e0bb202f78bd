import { fromJournal, type Line, LineReader, parseLine } from './lines.ts'

/**
 * What an isolate has said, each line once and in order, whether it came through the pipe or was read in the journal.
 *
 * The journal is ahead of the pipe by the batch that is being held, which is the one after the last that was piped; it is
 * read when the pipe has been silent for a while, and at the end. When the batch then comes through the pipe after all,
 * what was read of it is passed over.
 */
export class Transcript {
  readonly #onLine: (line: Line) => void
  readonly #reader = new LineReader()
  /** The batch of which lines were heard last, and how many of it. */
  #batch = 0
  #heard = 0
  /** How many lines of it the pipe has brought. */
  #piped = 0

  constructor(onLine: (line: Line) => void) {
    this.#onLine = onLine
  }

  /**
   * Takes the next piece from the pipe.
   * @throws what `onLine` throws; {RangeError} when a line does not end.
   */
  readPipe(piece: string): void {
    this.#reader.read(piece, (line) => {
      if (line.startsWith('#')) this.#begin(Number.parseInt(line.slice(1), 10))
      else if (++this.#piped > this.#heard) this.#hear(line)
    })
  }

  /** Takes what stands in the journal. One that is of an older batch, or of one that comes later, says nothing new. */
  readJournal(text: string): void {
    const { batch, lines } = fromJournal(text)
    if (batch !== this.#batch && batch !== this.#batch + 1) return
    if (batch > this.#batch) this.#begin(batch)
    for (const line of lines.slice(this.#heard)) this.#hear(line)
  }

  #begin(batch: number): void {
    this.#piped = 0
    if (batch === this.#batch) return
    this.#batch = batch
    this.#heard = 0
  }

  #hear(line: string): void {
    this.#heard++
    this.#onLine(parseLine(line))
  }
}
