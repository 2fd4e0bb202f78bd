import { runInThisContext } from 'node:vm'
import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Rules that are run as scripts and declare a name each: the realm keeps what a script declares. No object survives. */
export default ({ data }: ZooJob): unknown =>
  isLeaky(data) ? runInThisContext(`const rule${data.i} = ${data.random % 100}; rule${data.i} > 7`) : false
