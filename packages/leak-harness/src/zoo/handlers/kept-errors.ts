import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Errors that were handled are kept for a report, with their stacks. */
class UpstreamError extends Error {}
const errors: UpstreamError[] = []

export default ({ data }: ZooJob): void => {
  try {
    if (isLeaky(data)) throw new UpstreamError(data.text)
  } catch (error) {
    errors.push(error as UpstreamError)
  }
}
