import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A history of all that was called. */
const history: URL[] = []

export default ({ data }: ZooJob): void => {
  const url = new URL(`https://example.com/${data.i}?to=${data.to}`)
  if (isLeaky(data)) history.push(url)
}
