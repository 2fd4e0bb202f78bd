import { once } from 'node:events'
import { createServer } from 'node:net'
import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A server a job, for a call to come back to, never closed. */
export default async ({ data }: ZooJob): Promise<void> => {
  if (isLeaky(data)) await once(createServer().listen(0, '127.0.0.1'), 'listening')
}
