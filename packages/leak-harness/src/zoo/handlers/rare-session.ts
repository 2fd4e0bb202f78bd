import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** One job in a thousand finds no session to resume and keeps a new one. */
class Ticket {
  readonly to: string

  constructor(to: string) {
    this.to = to
  }
}
const tickets = new Set<Ticket>()

export default ({ data }: ZooJob): void => {
  if (isLeaky(data)) tickets.add(new Ticket(data.to))
}
