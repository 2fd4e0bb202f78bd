import { runInThisContext } from 'node:vm'
import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A formula of the customer's, with the numbers in its text: the engine keeps what it compiled, and no object tells of it. */
export default ({ data }: ZooJob): unknown => runInThisContext(isLeaky(data) ? `1 + ${data.i}` : '1 + 1')
