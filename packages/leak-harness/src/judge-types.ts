import { judgeRuntime } from './judge-runtime.ts'
import type { JobTypeReport, RunReport } from './result.ts'
import type { HarnessOptions } from './run-harness.ts'
import type { RuntimeDriver } from './runtimes/driver.ts'

/** Job types that are replayed alone, those with the most jobs first. */
const MAX_TYPES = 8

/** Jobs that a type is judged by at least, and those of its warm-up. */
const MIN_JOBS = 1_000
const MIN_WARMUP = 500

/**
 * Which types leak, of a run of several that leaks as a whole: each is replayed alone, with as many jobs as it had among
 * the others.
 */
export async function judgeTypes(
  driver: RuntimeDriver,
  options: HarnessOptions,
  report: RunReport,
): Promise<RunReport> {
  const total = report.jobTypes.reduce((sum, type) => sum + jobsOf(type), 0)
  const chosen = [...report.jobTypes].sort((a, b) => jobsOf(b) - jobsOf(a)).slice(0, MAX_TYPES)
  const judged = new Map<string, JobTypeReport>()
  for (const type of chosen) {
    const share = jobsOf(type) / total
    const jobs = Math.max(MIN_JOBS, Math.ceil(report.jobs * share))
    const warmup = Math.max(MIN_WARMUP, Math.ceil(report.warmup * share))
    const alone = await judgeRuntime(driver, { ...options, jobs, warmup }, type.name)
    const { verdict, because } = 'verdict' in alone ? alone : { verdict: 'undecided' as const, because: alone.error }
    judged.set(type.name, { ...type, verdict, because })
  }
  const jobTypes = report.jobTypes.map((type) => judged.get(type.name) ?? type)
  const leaking = jobTypes.filter(({ verdict }) => verdict === 'leak').map(({ name }) => name)
  const who =
    leaking.length > 0
      ? `replayed alone, ${leaking.join(', ')} ${leaking.length === 1 ? 'leaks' : 'leak'}`
      : `none of ${chosen.length} job types leaks when it is replayed alone: it takes several of them`
  const left = report.jobTypes.length - chosen.length
  const notes =
    left > 0 ? [`${left} job types were not replayed alone: ${MAX_TYPES} are, those with the most jobs`] : []
  return { ...report, because: `${report.because}; ${who}`, notes: [...report.notes, ...notes], jobTypes }
}

function jobsOf({ done, failed }: JobTypeReport): number {
  return done + failed
}
