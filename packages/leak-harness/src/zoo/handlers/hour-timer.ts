import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A deadline of an hour a job, which is not cleared when the job is done in time. */
class Deadline {
  late = false
}

export default ({ data }: ZooJob): void => {
  const deadline = new Deadline()
  const late = (): void => {
    deadline.late = true
  }
  const timer = setTimeout(late, 3_600_000)
  if (!isLeaky(data)) clearTimeout(timer)
}
