import { setImmediate as turn } from 'node:timers/promises'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A signal a job that also ends it after 1 s: it lives until then, so that as many do as there are jobs in 1 s. */
export default async (_: ZooJob): Promise<void> => {
  const controller = new AbortController()
  await turn(undefined, { signal: AbortSignal.any([controller.signal, AbortSignal.timeout(1_000)]) })
  controller.abort()
}
