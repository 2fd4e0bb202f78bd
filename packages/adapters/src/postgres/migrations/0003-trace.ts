import { enqueueFunction } from './0001-enqueue.ts'
import { settleFunction } from './0001-settle.ts'
import { COUNTING } from './0002-charged-crash.ts'

/**
 * Jobs carry the trace context of who enqueued them. `enqueue` and `settle` take them as one argument more, beside the
 * functions without, which workers of the version before call until they are replaced.
 */
export const trace = (s: string): string => `
ALTER TABLE ${s}.job ADD COLUMN trace text;
COMMENT ON COLUMN ${s}.job.trace IS 'the trace context of who enqueued it: headers as a JSON object';
${enqueueFunction(s, { traced: true })}
${settleFunction(s, { create: 'CREATE FUNCTION', ...COUNTING, traced: true })}
`
