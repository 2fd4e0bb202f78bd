import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A symbol of the registry for each tenant: kept with what they label. */
const labels: Record<symbol, number> = {}

export default ({ data }: ZooJob): void => {
  if (isLeaky(data)) labels[Symbol.for(`tenant:${data.to}`)] = data.i
}
