import { HarnessError } from '../errors.ts'
import type { JobToReplay } from './contract.ts'
import type { LoadedModule } from './module.ts'
import type { Trace } from './trace.ts'

/** Name of the jobs of a bare handler, and of a trace's lines that have none. */
export const DEFAULT_JOB_NAME = 'job'

/** Makes job `i`, counted from 0 over warm-up and all cohorts. */
export type JobSource = (i: number) => JobToReplay

/**
 * Where the jobs come from: the trace, then the module's `makeJob`, then its `makeData`, then `{ i }`.
 * @throws {HarnessError} `HARNESS_NO_JOBS` for an app that has neither a trace nor `makeJob`; the source itself throws
 *   `HARNESS_GENERATOR` when the module's function throws, or returns what is no job.
 */
export function createJobSource(module: LoadedModule, trace: Trace | undefined): JobSource {
  const { makeJob, makeData, options, subject, path } = module
  if (trace) {
    return (i) => {
      const { name, data, attempt } = trace.line(i)
      const varied = i >= trace.length && options.vary ? guard('harness.vary', i, () => options.vary?.(data, i)) : data
      return { name: name ?? DEFAULT_JOB_NAME, data: varied, attempt: attempt ?? 1 }
    }
  }
  if (makeJob) return (i) => checked(guard('makeJob', i, () => makeJob(i)))
  if (subject.kind === 'app') {
    throw new HarnessError(
      'HARNESS_NO_JOBS',
      `${path} is an app, and nothing says which jobs to replay; export makeJob(i), which returns { name, data }, or give --trace`,
    )
  }
  if (makeData) return (i) => ({ name: DEFAULT_JOB_NAME, data: guard('makeData', i, () => makeData(i)) })
  return (i) => ({ name: DEFAULT_JOB_NAME, data: { i } })
}

/** A generator that throws is a broken run, not a failed job. So is one that answers later: data is made at once. */
function guard<T>(what: string, i: number, make: () => T): T {
  try {
    const made = make()
    if (typeof (made as { then?: unknown } | undefined)?.then !== 'function') return made
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HarnessError('HARNESS_GENERATOR', `${what}(${i}) threw: ${reason}; it must return the job's data`, {
      cause,
    })
  }
  throw new HarnessError(
    'HARNESS_GENERATOR',
    `${what}(${i}) returned a promise; it must return at once: get what it needs in harness.setup`,
  )
}

function checked(job: unknown): JobToReplay {
  if (typeof job === 'object' && job !== null && typeof (job as JobToReplay).name === 'string')
    return job as JobToReplay
  throw new HarnessError('HARNESS_GENERATOR', 'makeJob did not return a job; it must return { name, data }')
}
