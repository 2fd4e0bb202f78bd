import type { Readable } from 'node:stream'

/** Characters kept of what a process wrote last, of each of its streams. */
export const MAX_TAIL = 4_000

/**
 * Reads what a process writes, so that a full pipe does not stop it, and keeps the end of it: enough for an error
 * message, whatever a handler floods it with.
 */
export class OutputTail {
  #out = ''
  #err = ''

  constructor(stdout: Readable, stderr: Readable) {
    stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#out = (this.#out + text).slice(-MAX_TAIL)
    })
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#err = (this.#err + text).slice(-MAX_TAIL)
    })
  }

  /** What came last on stderr; when nothing did, on stdout. */
  text(): string {
    return (this.#err.trim() || this.#out.trim()).slice(-MAX_TAIL)
  }
}
