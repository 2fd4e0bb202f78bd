import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** How often each user was served, by numeric id: an object that is a table, and no entry is an object. */
const counts: Record<number, number> = {}

export default ({ data }: ZooJob): void => {
  if (isLeaky(data)) counts[1_000_000 + data.i * 7] = 1
}
