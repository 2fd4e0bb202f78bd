import { openSync, readSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A file that is read and not closed: a descriptor is only a number. */
const FILE = fileURLToPath(import.meta.url)
const head = new Uint8Array(16)

export default ({ data }: ZooJob): void => {
  if (isLeaky(data)) readSync(openSync(FILE, 'r'), head)
}
