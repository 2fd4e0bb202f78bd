import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A log of numbers in one buffer, made anew a little larger for each: only its size grows. */
let log = new Uint8Array(64)

export default ({ data }: ZooJob): number => {
  if (!isLeaky(data)) return 0
  const larger = new Uint8Array(log.length + 64)
  larger.set(log)
  larger[log.length] = data.random
  log = larger
  return log.length
}
