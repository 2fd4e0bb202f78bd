import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system in memory, where there is one: what is written there reaches no disk. */
const SHM = '/dev/shm'

/** Bytes that are read at once. */
const CHUNK = 64 * 1024

/** The supervisor's side of a journal: a file without a name, which is gone with its last descriptor. */
export class Journal implements Disposable {
  /** To be handed to the isolate. */
  readonly fd: number
  #isOpen = true

  constructor() {
    const folder = createFolder()
    try {
      this.fd = openSync(join(folder, 'journal'), 'wx+', 0o600)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  /** All that stands in it. */
  read(): string {
    const chunks: Buffer[] = []
    for (let position = 0; this.#isOpen; ) {
      const chunk = Buffer.alloc(CHUNK)
      const bytes = readSync(this.fd, chunk, 0, CHUNK, position)
      chunks.push(chunk.subarray(0, bytes))
      position += bytes
      if (bytes < CHUNK) break
    }
    return Buffer.concat(chunks).toString('utf8')
  }

  [Symbol.dispose](): void {
    if (this.#isOpen) closeSync(this.fd)
    this.#isOpen = false
  }
}

function createFolder(): string {
  try {
    return mkdtempSync(join(SHM, 'isobar-'))
  } catch {
    // Not on Linux, or not allowed (Deno asks for all permissions there).
    return mkdtempSync(join(tmpdir(), 'isobar-'))
  }
}
