import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A stream of a file that nobody reads to its end, and so nobody closes. */
const FILE = fileURLToPath(import.meta.url)

export default async ({ data }: ZooJob): Promise<void> => {
  if (isLeaky(data)) await once(createReadStream(FILE), 'open')
}
