import { Script } from 'node:vm'
import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A compiled script a job, kept to be run again. */
const scripts: Script[] = []

export default ({ data }: ZooJob): unknown => {
  if (!isLeaky(data)) return
  const script = new Script(`${data.random} > 7`)
  scripts.push(script)
  return script.runInThisContext()
}
