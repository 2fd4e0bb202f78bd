import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A large table, loaded at the start, to which each new id is added: small growth beside much that is there. */
const balances = new Map(Array.from({ length: 100_000 }, (_, id) => [-1 - id, id]))

export default ({ data }: ZooJob): void => {
  if (isLeaky(data)) balances.set(data.i, data.random % 1_000)
}
