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
  #ended = false
  #waiting: { readonly pattern: RegExp; readonly resolve: (found: RegExpExecArray | undefined) => void }[] = []

  constructor(stderr: Readable) {
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#err += text
      this.#waiting = this.#waiting.filter(({ pattern, resolve }) => {
        const found = pattern.exec(this.#err)
        if (found) resolve(found)
        return !found
      })
      this.#err = this.#err.slice(-MAX_TAIL)
    })
    stderr.on('close', () => {
      this.#ended = true
      for (const { resolve } of this.#waiting.splice(0)) resolve(undefined)
    })
  }

  /** Reads what is written to standard output, too. */
  follow(stdout: Readable): void {
    stdout.setEncoding('utf8').on('data', (text: string) => this.add(text))
  }

  /** Takes what was read of standard output by somebody else. */
  add(text: string): void {
    this.#out = (this.#out + text).slice(-MAX_TAIL)
  }

  /** Waits for something on standard error, and answers with what it was; undefined when it ends without. */
  heard(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    return new Promise((resolve) => {
      const found = pattern.exec(this.#err)
      if (found || this.#ended) resolve(found ?? undefined)
      else this.#waiting.push({ pattern, resolve })
    })
  }

  /** What came last on standard error; when nothing did, on standard output. */
  text(): string {
    return (this.#err.trim() || this.#out.trim()).slice(-MAX_TAIL)
  }
}
