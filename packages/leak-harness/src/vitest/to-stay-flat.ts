import { HarnessError } from '../errors.ts'
import type { Progress } from '../progress.ts'
import type { HarnessReport } from '../result.ts'
import { type HarnessOptions, runHarness } from '../run-harness.ts'
import { runFast } from './fast.ts'
import { toModulePath } from './module-path.ts'
import type { StayFlatOptions } from './options.ts'
import { type MatcherResult, toResult } from './result.ts'
import { type RunningTest, TestClock } from './test-clock.ts'

/** What vitest calls a matcher with as `this`, as far as it is used here. */
export interface MatcherContext {
  readonly isNot: boolean
  /** The test; vitest leaves it out outside of one, and has no type for it. */
  readonly task?: RunningTest
}

/** The matcher, for `expect.extend`. See `toStayFlat` of vitest's `Matchers` for what it does. */
export async function toStayFlat(
  this: MatcherContext,
  received: unknown,
  options: StayFlatOptions = {},
): Promise<MatcherResult> {
  const module = toModulePath(received)
  const clock = new TestClock(this.task, options.signal)
  let latest: Progress | undefined
  const onProgress = (progress: Progress): void => {
    latest = progress
  }
  try {
    const report = await judge(options, { ...withoutOwn(options), module, onProgress, signal: clock.signal })
    if (clock.isUp) throw outOfTime(module, clock.timeout, latest, options)
    return toResult(report, { module, isNot: this.isNot, passesUndecided: options.fast || options.allowUndecided })
  } finally {
    clock.stop()
  }
}

function judge({ fast }: StayFlatOptions, options: HarnessOptions): Promise<HarnessReport> {
  return fast ? runFast(options) : runHarness(options)
}

/** What is the harness' own of the options. */
function withoutOwn(options: StayFlatOptions): Omit<HarnessOptions, 'module'> {
  if (options.fast) {
    const { fast: _, ...rest } = options
    return rest
  }
  const { fast: _, allowUndecided: __, ...rest } = options
  return rest
}

function outOfTime(
  module: string,
  timeout: number,
  progress: Progress | undefined,
  { fast }: StayFlatOptions,
): HarnessError {
  const jobs = Math.max(progress?.jobs.jit ?? 0, progress?.jobs.exact ?? 0)
  const doing =
    progress?.idleMs === undefined
      ? `after ${jobs} jobs`
      : `after ${jobs} jobs, in the idle time that shows whether what gathered goes`
  const remedy = fast
    ? "give the test more, as the third argument of it() or vitest's testTimeout, such as 30_000"
    : "give the test more, as the third argument of it() or vitest's testTimeout, such as 120_000; or take fewer jobs, or { fast: true }"
  return new HarnessError(
    'HARNESS_ABORTED',
    `toStayFlat could not judge ${module} within the test's timeout of ${timeout} ms: it was stopped ${doing}; ${remedy}`,
  )
}
