import { hash } from 'node:crypto'

/** The data of one job: 1,000 bytes as JSON. */
export interface Work {
  /** Which job it is, counted from 0. */
  readonly n: number
  /** A JSON document, which the handler parses and hashes. */
  readonly document: string
}

/** What the JSON of one job's data weighs, in bytes. */
export const WORK_BYTES = 1_000

/** Data of job `n`: the same whenever it is asked for, and another for each `n`. */
export function toWork(n: number): Work {
  let text = ''
  // Digits that do not repeat, so that nothing on the way can make it smaller.
  for (let block = 0; text.length < WORK_BYTES; block++) text += hash('sha512', `${n}:${block}`)
  const toSize = (length: number): Work => ({ n, document: JSON.stringify({ text: text.slice(0, length) }) })
  return toSize(WORK_BYTES - JSON.stringify(toSize(0)).length)
}

/** Data of jobs `from` to `from + count - 1`. */
export function toWorks(from: number, count: number): Work[] {
  return Array.from({ length: count }, (_, i) => toWork(from + i))
}

/** What every handler does: parses the document and hashes it. */
export function doWork({ document }: Work): void {
  const { text } = JSON.parse(document) as { text: string }
  if (hash('sha256', document).length !== 64 || text.length === 0) throw new Error('a document came out empty')
}
