import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A clean-up that closes over the object that it is to clean up after: held by it, the object is never collected. */
class Connection {
  readonly to: string

  constructor(to: string) {
    this.to = to
  }

  close(): string {
    return this.to
  }
}
const registry = new FinalizationRegistry((cleanUp: () => unknown) => cleanUp())

export default ({ data }: ZooJob): void => {
  const connection = new Connection(data.to)
  if (isLeaky(data)) registry.register(connection, () => connection.close())
}
