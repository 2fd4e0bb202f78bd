import type { Fate } from './fate.ts'
import { createReplayedApp } from './replayed-app.ts'
import { createTrace, type TraceJob } from './trace.ts'

/** What nothing goes wrong with. */
const CLEAN: ReadonlySet<Fate['kind']> = new Set([
  ...(['incoming', 'send', 'suppressed', 'bounce'] as const),
  ...(['warm-up', 'analytics', 'webhook', 'invoice', 'import'] as const),
])

const trace = createTrace()

/** The app as it runs, but for sockets. */
export default createReplayedApp({ isOn: false })

/** A well-formed job of the trace, a different one for each index; in the place of those with a fault, one is sent. */
export function makeJob(index: number): Pick<TraceJob, 'name' | 'data'> {
  const fate = trace.fateOf(index)
  const { name, data } = trace.at(index, CLEAN.has(fate.kind) && !isPutOff(fate) ? fate : { kind: 'send' })
  return { name, data }
}

function isPutOff(fate: Fate): boolean {
  return fate.kind === 'webhook' && fate.times > 0
}
