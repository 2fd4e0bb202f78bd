import type { Fate } from './fate.ts'
import app from './leak.ts'
import { createTrace, type TraceJob } from './trace.ts'

/** A job of each plugin in turn. */
const FATES: readonly Fate[] = [
  { kind: 'incoming' },
  { kind: 'send' },
  { kind: 'bounce' },
  { kind: 'warm-up', type: 'outbound', step: 0, follow: 2 },
  { kind: 'analytics' },
  { kind: 'webhook', times: 0 },
  { kind: 'invoice' },
  { kind: 'import' },
]

/** Plugins that are replayed in turn. */
export const PLUGINS: number = FATES.length

const trace = createTrace()

export default app

/** A well-formed job, a different one for each index, and of each plugin as many. */
export function makeJob(index: number): Pick<TraceJob, 'name' | 'data'> {
  const { name, data } = trace.at(index, FATES[index % FATES.length])
  return { name, data }
}
