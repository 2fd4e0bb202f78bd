import { HarnessError } from './errors.ts'
import type { Plan } from './options.ts'
import type { ModuleSettings, Outcomes } from './replay/contract.ts'

/** Jobs before which a run of failures says nothing yet. */
const MIN_JOBS = 100

/**
 * Checks that the jobs were done: a handler that always throws is not flat, it is untested.
 * @throws {HarnessError} `HARNESS_JOBS_FAILED` when more than half of the jobs failed and failures were not expected.
 */
export function checkOutcomes(
  { done, failed, firstError }: Outcomes,
  { warmup, jobs }: Plan,
  { expectFailures }: ModuleSettings,
): void {
  const ended = done + failed
  if (expectFailures || failed <= ended / 2 || ended < Math.min(MIN_JOBS, warmup + jobs)) return
  throw new HarnessError(
    'HARNESS_JOBS_FAILED',
    `${failed} of ${ended} jobs failed, the first with "${firstError}"; give the handler data that it can work on (makeData, makeJob, --trace), or set harness.expectFailures when failing is what you measure`,
  )
}
