import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A duration a job, for an average that nobody asks for: numbers leave no object. */
const durations: number[] = []

export default ({ data }: ZooJob): void => {
  if (isLeaky(data)) durations.push(data.random % 1_000)
}
