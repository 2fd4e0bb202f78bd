import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Ids of open connections, taken out once the connection was collected. */
class Connection {
  readonly id: number

  constructor(id: number) {
    this.id = id
  }
}
const open = new Set<number>()
const registry = new FinalizationRegistry((id: number) => open.delete(id))

export default ({ data }: ZooJob): number => {
  const connection = new Connection(data.i)
  open.add(data.i)
  registry.register(connection, data.i)
  return connection.id
}
