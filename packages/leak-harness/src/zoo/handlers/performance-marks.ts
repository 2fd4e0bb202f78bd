import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A mark a job: the process keeps all of them until they are cleared. */
export default ({ data }: ZooJob): void => {
  const name = `job-${data.i}`
  performance.mark(name)
  if (!isLeaky(data)) performance.clearMarks(name)
}
