import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A Map as a cache, keyed by id: nothing is ever taken out. */
class Customer {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}
const customers = new Map<string, Customer>()

export default ({ data }: ZooJob): void => {
  if (isLeaky(data)) customers.set(data.to, new Customer(data.text))
}
