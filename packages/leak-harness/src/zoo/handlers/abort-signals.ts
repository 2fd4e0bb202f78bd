import { setImmediate as turn } from 'node:timers/promises'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

const shutdown = new AbortController()

/** Signals of the job: one with a time limit, and one that the job ends with or the shutdown does. */
export default async (_: ZooJob): Promise<void> => {
  await turn(undefined, { signal: AbortSignal.timeout(1_000) })
  const job = new AbortController()
  await turn(undefined, { signal: AbortSignal.any([job.signal, shutdown.signal]) })
  job.abort()
}
