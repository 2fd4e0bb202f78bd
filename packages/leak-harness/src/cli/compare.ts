import { compareReports, comparisonExitCode } from '../baseline/comparison.ts'
import { toComparisonText } from '../report/comparison.ts'
import type { Invocation } from './arguments.ts'
import { readReport } from './read-report.ts'

/** Sets two reports side by side on standard output. Answers the exit code. */
export async function compare({ before, after }: Extract<Invocation, { command: 'compare' }>): Promise<number> {
  const [one, other] = await Promise.all([readReport(before), readReport(after)])
  const comparison = compareReports(one, other)
  const colours = process.stdout.isTTY === true && process.stdout.hasColors()
  process.stdout.write(toComparisonText(comparison, { colours }))
  return comparisonExitCode(comparison)
}
