import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** An object as a cache, keyed by id: nothing is ever taken out. */
class Invoice {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}
const cache: Record<string, Invoice> = {}

export default ({ data }: ZooJob): void => {
  const key = isLeaky(data) ? data.to : 'all'
  cache[key] ??= new Invoice(data.text)
}
