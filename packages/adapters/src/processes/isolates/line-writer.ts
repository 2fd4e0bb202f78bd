import { writeSync } from 'node:fs'
import { platform } from '../platform/this-platform.ts'
import { type Said, toBatch, toEndOf, toLine } from './lines.ts'

/** How long to wait for room in a pipe that does not block, in ms. */
const RETRY_MS = 1

/** Characters that are held back for the pipe at most: a journal is small. */
const MAX_HELD = 64 * 1024

/**
 * Says lines to a supervisor, so that what was said before something happens is said whatever happens then. Each goes to
 * the journal at once: a file that both have open, which outlives a `kill -9`. It goes to the pipe with all others of its
 * turn of the event loop: to wake the supervisor for each would cost more than a small job. What is in neither when
 * this process dies was not said.
 */
export class LineWriter {
  readonly #pipe: number
  #journal: number | undefined
  /** Said, and not yet in the pipe. */
  #held = ''
  /** The end of that, not yet in the journal. */
  #pending = ''
  /** Batches so far: the number of the one that is being held. */
  #batch = 1
  /** Where the journal goes on, in bytes. */
  #position = 0
  #flush: NodeJS.Immediate | undefined

  constructor(pipe: number, journal: number) {
    this.#pipe = pipe
    this.#journal = journal
  }

  /** Says a line, after those that were held. */
  say(kind: Said, n: number, rest?: string | number): void {
    this.hold(kind, n, rest)
    this.commit()
  }

  /** Says a line with the next one, or with `commit`: in the same step of this process. */
  hold(kind: Said, n: number, rest?: string | number): void {
    this.#pending += toLine(kind, n, rest)
  }

  /** Says what is held. */
  commit(): void {
    if (this.#pending === '') return
    this.#held += this.#pending
    const pending = this.#pending
    this.#pending = ''
    if (this.#held.length > MAX_HELD || !this.#write(pending)) return this.flush()
    this.#flush ??= setImmediate(() => this.flush())
  }

  /** Writes lines to the journal. One that cannot be written (its disk is full) is used no more: the pipe takes all then. */
  #write(lines: string): boolean {
    if (this.#journal === undefined) return false
    try {
      const end = toEndOf(this.#batch)
      const text = this.#position === 0 ? toBatch(this.#batch, lines) : lines
      this.#position += write(this.#journal, text + end, this.#position) - end.length
      return true
    } catch {
      this.#journal = undefined
      return false
    }
  }

  /** Sends what was said. A supervisor that is slow to read makes this wait. */
  flush(): void {
    clearImmediate(this.#flush)
    this.#flush = undefined
    if (this.#held === '') return
    const batch = toBatch(this.#batch, this.#held)
    write(this.#pipe, batch, null)
    this.#held = ''
    this.#batch++
    this.#position = 0
  }
}

/** Writes a text whole, and answers how many bytes that were. */
function write(fd: number, text: string, position: number | null): number {
  let bytes = platform.writesTextAt || position === null ? undefined : Buffer.from(text)
  let written = 0
  for (;;) {
    try {
      // A text that fits goes out in one call.
      written += bytes
        ? writeSync(fd, bytes, written, bytes.byteLength - written, position === null ? null : position + written)
        : writeSync(fd, text, position)
      if (!bytes && written === text.length) return written
      bytes ??= Buffer.from(text)
      if (written >= bytes.byteLength) return written
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // The supervisor is gone, and so is the reason to be.
      if (code === 'EPIPE') platform.die()
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
    }
  }
}
