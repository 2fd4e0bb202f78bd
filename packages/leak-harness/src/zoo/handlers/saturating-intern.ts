import type { ZooJob } from '../make-data.ts'
import { createWholeNumbers } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Ten words a job of a language that has 20,000 are interned: in the end all are known. */
const words = new Map<string, string>()

export default ({ data }: ZooJob): void => {
  const next = createWholeNumbers(data.random)
  for (let n = 0; n < 10; n++) {
    const word = `word-${next() % 20_000}`
    if (!words.has(word)) words.set(word, word)
  }
}
