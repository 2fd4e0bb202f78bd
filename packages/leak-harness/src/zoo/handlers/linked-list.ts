import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A queue whose head nobody moves on: a chain that no container holds. */
class Entry {
  readonly text: string
  next: Entry | undefined

  constructor(text: string) {
    this.text = text
  }
}
const head = new Entry('first')
let tail = head

export default ({ data }: ZooJob): string => {
  if (isLeaky(data)) {
    tail.next = new Entry(data.text)
    tail = tail.next
  }
  return head.text
}
