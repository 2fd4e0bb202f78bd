import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A log in one text, which is masked as a whole each time: it stays one object, and grows. */
let log = ''

export default ({ data }: ZooJob): number => {
  if (isLeaky(data)) log = `${log}job ${data.i} done\n`.replace(/secret/g, '***')
  return log.indexOf('\0')
}
