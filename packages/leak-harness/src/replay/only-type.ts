import { HarnessError } from '../errors.ts'
import type { JobSource } from './job-source.ts'

/** Jobs in a row without one of the type, after which there is none. */
const MAX_SKIPPED = 100_000

/**
 * The jobs of one name alone, in their order: job `i` is the one after job `i - 1` of that name.
 * @throws {HarnessError} the source, `HARNESS_NO_JOBS`, when none of 100,000 jobs in a row has the name.
 */
export function onlyType(source: JobSource, name: string): JobSource {
  let next = 0
  return () => {
    for (const end = next + MAX_SKIPPED; next < end; ) {
      const job = source(next++)
      if (job.name === name) return job
    }
    throw new HarnessError('HARNESS_NO_JOBS', `no job is called "${name}" among ${MAX_SKIPPED} in a row`)
  }
}
