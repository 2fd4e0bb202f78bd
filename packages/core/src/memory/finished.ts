import type { Entry } from './entry.ts'

/** Characters of results, progress and errors that finished jobs may keep in all. */
export const MAX_FINISHED_CHARS = 16_000_000

const weigh = ({ result, progress, error }: Entry): number =>
  (result?.length ?? 0) + (progress?.length ?? 0) + (error?.message.length ?? 0) + (error?.stack?.length ?? 0)

/** Jobs that are done or cancelled, for `get`: as many as asked for, oldest out first, without their data. */
export class Finished {
  readonly #byId = new Map<string, Entry>()
  readonly #retain: number
  #chars = 0

  constructor(retain: number) {
    this.#retain = retain
  }

  get size(): number {
    return this.#byId.size
  }

  get(id: string): Entry | undefined {
    return this.#byId.get(id)
  }

  add(entry: Entry): void {
    this.delete(entry.id)
    entry.text = ''
    this.#byId.set(entry.id, entry)
    this.#chars += weigh(entry)
    for (const id of this.#byId.keys()) {
      if (this.#byId.size <= this.#retain && this.#chars <= MAX_FINISHED_CHARS) break
      this.delete(id)
    }
  }

  delete(id: string): void {
    const entry = this.#byId.get(id)
    if (!entry) return
    this.#chars -= weigh(entry)
    this.#byId.delete(id)
  }
}
