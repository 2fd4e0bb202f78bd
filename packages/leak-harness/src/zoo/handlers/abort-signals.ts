import { setImmediate as turn } from 'node:timers/promises'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A signal a job that also ends it after 1 s, with a listener that the job takes away. */
export default async (_: ZooJob): Promise<void> => {
  const controller = new AbortController()
  const signal = AbortSignal.any([controller.signal, AbortSignal.timeout(1_000)])
  await turn(undefined, { signal })
  controller.abort()
}
