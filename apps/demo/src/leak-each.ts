import app from './leak.ts'
import { createTrace, type Fate, type TraceJob } from './trace.ts'

/** A job of each plugin in turn. */
const KINDS: readonly Fate['kind'][] = ['incoming', 'send', 'bounce']

/** Plugins that are replayed in turn. */
export const PLUGINS: number = KINDS.length

const trace = createTrace()

export default app

/** A well-formed job, a different one for each index, and of each plugin as many. */
export function makeJob(index: number): Pick<TraceJob, 'name' | 'data'> {
  const { name, data } = trace.at(index, { kind: KINDS[index % KINDS.length] } as Fate)
  return { name, data }
}
