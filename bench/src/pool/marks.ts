import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The folder in which the processes of a benchmark leave their marks: inherited by isolates, and by workers of peers. */
const FOLDER = 'BENCH_MARKS'

/** Marks that are written in one go where a handler is tiny. */
const BATCH = 16_384

/** Those of this process, one an app. */
const open = new Set<Marks>()

/**
 * Notes which jobs ran in this process, in a file of its own, so that how often each ran can be counted afterwards over
 * all processes without a word on any channel that is measured. A batch costs a job a store in memory and is written when
 * it is full and when the process exits; marks that are written `atOnce` cost a call to the kernel each, and outlive
 * SIGKILL. Nothing happens where no folder was opened.
 */
export class Marks {
  readonly #batch: Uint32Array
  readonly #file: number | undefined
  #length = 0

  constructor({ atOnce = false }: { readonly atOnce?: boolean } = {}) {
    this.#batch = new Uint32Array(atOnce ? 1 : BATCH)
    const folder = process.env[FOLDER]
    if (!folder) return
    this.#file = openSync(join(folder, `${process.pid}-${crypto.randomUUID()}`), 'a')
    open.add(this)
    process.once('exit', () => this.flush())
  }

  /** Job `n` has run. */
  add(n: number): void {
    this.#batch[this.#length++] = n
    if (this.#length === this.#batch.length) this.flush()
  }

  /** Writes what is not written yet. */
  flush(): void {
    if (this.#file !== undefined && this.#length > 0)
      writeSync(this.#file, new Uint8Array(this.#batch.buffer, 0, this.#length * 4))
    this.#length = 0
  }

  /** Writes the rest and closes its file. */
  close(): void {
    this.flush()
    if (open.delete(this) && this.#file !== undefined) closeSync(this.#file)
  }
}

/** How often jobs ran. */
export interface MarkCounts {
  /** Jobs that never ran to their end. */
  readonly lost: number
  /** Runs beyond the first, and runs of jobs that nobody enqueued. */
  readonly repeated: number
}

/** Where marks are left; gone when it is disposed of. */
export interface MarksFolder extends Disposable {
  /** Counts the runs of jobs 0 to `jobs - 1`, once other processes that ran them have ended. */
  count(jobs: number): MarkCounts
}

/** Opens a folder for the marks of this process and of those that it starts from now on. */
export function openMarksFolder(): MarksFolder {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-bench-marks-'))
  process.env[FOLDER] = folder
  return {
    count(jobs) {
      for (const marks of open) marks.flush()
      const runs = new Uint32Array(jobs)
      let strangers = 0
      for (const name of readdirSync(folder)) {
        for (const n of toMarks(readFileSync(join(folder, name)))) {
          if (n < jobs) runs[n] = (runs[n] ?? 0) + 1
          else strangers++
        }
      }
      const lost = runs.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0)
      return { lost, repeated: runs.reduce((sum, count) => sum + Math.max(0, count - 1), strangers) }
    },
    [Symbol.dispose]() {
      delete process.env[FOLDER]
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The marks in a file: a last one that was cut off is none. */
function toMarks(file: Buffer): Uint32Array {
  const bytes = Uint8Array.from(file.subarray(0, file.length & ~3))
  return new Uint32Array(bytes.buffer)
}
