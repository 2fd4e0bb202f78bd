import { HarnessError } from '../errors.ts'
import { toText } from '../report/terminal.ts'
import type { HarnessReport } from '../result.ts'

/** What a matcher answers vitest. */
export interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
}

/** What the answer depends on beside the report. */
export interface ResultOptions {
  readonly module: string
  /** Whether it was asked with `.not`. */
  readonly isNot: boolean
  /** Whether an undecided run passes; a leak is never undecided, so `.not` takes no notice of it. */
  readonly passesUndecided: boolean | undefined
}

/**
 * What vitest is answered: it passes when every runtime is flat, and nothing bleeds where that was asked. With `.not`
 * it passes when a runtime leaks.
 * @throws {HarnessError} with the code of a run that failed, when no other leaks.
 */
export function toResult(report: HarnessReport, { module, isNot, passesUndecided }: ResultOptions): MatcherResult {
  const text = toText(report, { colours: false })
  const verdicts = report.runs.map(({ verdict }) => verdict)
  const bleeds = report.runs.flatMap(({ bleed }) => bleed?.verdict ?? [])
  const leaks = verdicts.includes('leak')
  const [failed] = report.failed
  if (failed && !leaks)
    throw new HarnessError(failed.code, `toStayFlat could not judge ${module}, as the run failed\n\n${text}`)
  const isUndecided = verdicts.includes('undecided') || bleeds.includes('undecided')
  if (isNot) {
    const instead = isUndecided ? 'and that could not be decided' : 'and it stays flat'
    return { pass: !leaks, message: () => `expected ${module} to leak, ${instead}\n\n${text}` }
  }
  const isFlat = !leaks && !bleeds.includes('bleeds')
  const pass = isFlat && (!isUndecided || passesUndecided === true)
  const problem = isFlat ? ', and that could not be decided' : ''
  return { pass, message: () => `expected ${module} to stay flat${problem}\n\n${text}` }
}
