import { createContext } from 'node:vm'
import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A context a job, to run a customer's rules in, kept with the customer. */
class Sandbox {
  readonly to: string

  constructor(to: string) {
    this.to = to
  }
}
const sandboxes = new Map<string, object>()

export default ({ data }: ZooJob): void => {
  if (isLeaky(data)) sandboxes.set(data.to, createContext(new Sandbox(data.to)))
}
