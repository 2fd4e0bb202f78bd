import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Requests under way, by id, that are not taken out when they are done. */
const underWay = new Map<number, Request>()

export default ({ data }: ZooJob): void => {
  if (isLeaky(data)) underWay.set(data.i, new Request('https://example.com/', { headers: { to: data.to } }))
}
