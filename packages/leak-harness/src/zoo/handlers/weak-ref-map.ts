import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A cache of weak references: the sessions go, their entries stay. */
class Session {
  readonly to: string

  constructor(to: string) {
    this.to = to
  }
}
const sessions = new Map<string, WeakRef<Session>>()

export default ({ data }: ZooJob): void => {
  if (isLeaky(data)) sessions.set(data.to, new WeakRef(new Session(data.to)))
}
