import { createMailApp } from './app.ts'
import { createDryMailer } from './processes/dry-mailer.ts'
import { provideNode } from './processes/providers.ts'
import { createTrace, type Fate, type TraceJob } from './trace.ts'

/**
 * Rows and objects that the stores keep: full after a few hundred jobs, so that what grows later is a leak. Well away
 * from a power of two, at which a `Map` whose entries come and go would keep changing its size.
 */
const KEEP = 100

/** What nothing goes wrong with. */
const CLEAN: ReadonlySet<Fate['kind']> = new Set(['incoming', 'send', 'suppressed', 'bounce'])

const trace = createTrace()

/** The app as it runs on Node, but for the socket: messages are built, and go nowhere. */
export default provideNode(createMailApp(), { mailer: createDryMailer, keep: KEEP })

/** A well-formed job of the trace, a different one for each index; in the place of those with a fault, one is sent. */
export function makeJob(index: number): Pick<TraceJob, 'name' | 'data'> {
  const fate = trace.fateOf(index)
  const { name, data } = trace.at(index, CLEAN.has(fate.kind) ? fate : { kind: 'send' })
  return { name, data }
}
