import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A log that is one string, which grows. */
let log = ''

export default ({ data }: ZooJob): number => {
  if (isLeaky(data)) log += `${data.to} ${data.text}\n`
  return log.length
}
