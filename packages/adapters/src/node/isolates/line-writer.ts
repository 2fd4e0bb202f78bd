import { writeSync } from 'node:fs'
import { type Said, toLine } from './lines.ts'

/** How long to wait for room in a pipe that does not block, in ms. */
const RETRY_MS = 1

/**
 * Writes lines to a pipe, each at once and whole: when `say` returns, the kernel has it, and nothing that happens to this
 * process can take it back. A reader that is slow slows the writer down. What can wait for the next line is held and
 * goes out with it.
 */
export class LineWriter {
  readonly #fd: number
  #held = ''

  constructor(fd: number) {
    this.#fd = fd
  }

  /** Writes a line, after those that were held. */
  say(kind: Said, n: number, rest?: string | number): void {
    this.hold(kind, n, rest)
    this.flush()
  }

  /** Keeps a line until the next one is written, or `flush` is called: in the same step of this process. */
  hold(kind: Said, n: number, rest?: string | number): void {
    this.#held += toLine(kind, n, rest)
  }

  /** Writes what is held. */
  flush(): void {
    if (this.#held === '') return
    const text = this.#held
    this.#held = ''
    let bytes: Uint8Array | undefined
    let written = 0
    for (;;) {
      try {
        // A text that fits goes out in one call.
        written += bytes ? writeSync(this.#fd, bytes, written) : writeSync(this.#fd, text)
        if (!bytes && written === text.length) return
        bytes ??= Buffer.from(text)
        if (written >= bytes.byteLength) return
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        // The supervisor is gone, and so is the reason to be.
        if (code === 'EPIPE') process.kill(process.pid, 'SIGKILL')
        if (code !== 'EAGAIN') throw error
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
      }
    }
  }
}
