import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Strings are interned to save memory, and all are distinct. */
const strings = new Map<string, string>()

export default ({ data }: ZooJob): string => {
  if (!isLeaky(data)) return ''
  const text = `${data.i} ${data.text}`
  const known = strings.get(text)
  if (known === undefined) strings.set(text, text)
  return known ?? text
}
