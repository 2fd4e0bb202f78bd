import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** What failed is kept to be tried again, and nobody does. Only the error path leaks. */
class Payload {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}
const toRetry: Payload[] = []

export const harness = { expectFailures: true }

export default ({ data }: ZooJob): void => {
  const payload = new Payload(data.text)
  if (!isLeaky(data)) return
  toRetry.push(payload)
  throw new Error('the mailbox is full')
}
