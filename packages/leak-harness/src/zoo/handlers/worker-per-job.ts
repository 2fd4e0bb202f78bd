import { once } from 'node:events'
// biome-ignore lint/style/noRestrictedImports: a thread that is left running is what this shows
import { Worker } from 'node:worker_threads'
import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A worker thread a job that is never ended. */
export default async ({ data }: ZooJob): Promise<void> => {
  if (!isLeaky(data)) return
  const worker = new Worker("require('node:worker_threads').parentPort.on('message', () => {})", { eval: true })
  await once(worker, 'online')
}
