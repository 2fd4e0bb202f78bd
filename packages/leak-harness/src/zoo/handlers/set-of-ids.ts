import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Ids that were seen, to do no job twice: all of them, for ever. */
const done = new Set<number>()

export default ({ data }: ZooJob): void => {
  if (isLeaky(data)) done.add(data.i)
}
