import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Generators that stop half-way and are kept: what they hold lives as long. */
class Page {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}
const readers = new Set<Iterator<string>>()

function* read(page: Page): Generator<string> {
  yield page.text.slice(0, 8)
  yield page.text.slice(8)
}

export default ({ data }: ZooJob): void => {
  const reader = read(new Page(data.text))
  readers.add(reader)
  reader.next()
  if (!isLeaky(data)) readers.delete(reader)
}
