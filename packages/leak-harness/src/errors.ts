/**
 * Why a run could not be made or did not come to a verdict.
 * - `HARNESS_USAGE`: an option or a command that does not exist, or has a value that cannot be used.
 * - `HARNESS_NOT_AVAILABLE`: a runtime or a tool that is not on this machine, or an option that this version does not have.
 * - `HARNESS_LOAD`: the module could not be loaded, is not what the harness takes, or its `setup` failed.
 * - `HARNESS_NO_JOBS`: there is nothing to replay: an app without `makeJob` or a trace, or an empty trace.
 * - `HARNESS_TRACE`: the trace cannot be read.
 * - `HARNESS_GENERATOR`: `makeData`, `makeJob` or `vary` threw.
 * - `HARNESS_JOBS_FAILED`: more than half of the jobs failed and `expectFailures` is not set.
 * - `HARNESS_CONTROLS`: a planted control was judged wrong, so that no verdict counts.
 * - `HARNESS_EXITED`: the process under test ended while jobs ran.
 * - `HARNESS_OUT_OF_MEMORY`: the process under test ran out of heap.
 * - `HARNESS_STALLED`: no job finished for the stall limit.
 * - `HARNESS_ABORTED`: the caller's signal aborted.
 * - `HARNESS_PROTOCOL`: the process under test broke the harness' own channel.
 */
export type HarnessErrorCode =
  | 'HARNESS_USAGE'
  | 'HARNESS_NOT_AVAILABLE'
  | 'HARNESS_LOAD'
  | 'HARNESS_NO_JOBS'
  | 'HARNESS_TRACE'
  | 'HARNESS_GENERATOR'
  | 'HARNESS_JOBS_FAILED'
  | 'HARNESS_CONTROLS'
  | 'HARNESS_EXITED'
  | 'HARNESS_OUT_OF_MEMORY'
  | 'HARNESS_STALLED'
  | 'HARNESS_ABORTED'
  | 'HARNESS_PROTOCOL'

/** What went wrong in a process under test, as it is told to the harness; what nobody foresaw is a fault of the harness'. */
export function toFailure(error: unknown): { readonly code: HarnessErrorCode; readonly message: string } {
  if (error instanceof HarnessError) return { code: error.code, message: error.message }
  return { code: 'HARNESS_PROTOCOL', message: String((error as Error)?.stack ?? error) }
}

/** A run could not be made. The message says what failed and what to do about it. */
export class HarnessError extends Error {
  readonly code: HarnessErrorCode

  constructor(code: HarnessErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HarnessError'
    this.code = code
  }
}
