import type { Budget, ModuleSettings } from './replay/contract.ts'

/** Jobs that are judged, after the warm-up. */
export const DEFAULT_JOBS = 10_000

/** Jobs that come first, in which caches fill and code is compiled. */
export const DEFAULT_WARMUP = 2_000

/** Jobs at once. */
export const DEFAULT_CONCURRENCY = 1

/** How long exact mode may take, in ms, not counting what it had to wait for a processor. */
export const DEFAULT_TIME_MS = 60_000

/** By the clock, waiting for a processor included, exact mode takes at most this many times as long. */
export const MAX_CLOCK_FACTOR = 3

/** Exact mode replays this many jobs however long they take. */
export const MIN_EXACT_JOBS = 1_000

/** How long no job may finish before the run has failed, in ms. */
export const DEFAULT_STALL_MS = 30_000

/** A short `timeMs` shortens the default of it too, to no less than this, in ms: a busy machine can be silent for a while. */
export const MIN_DEFAULT_STALL_MS = 10_000

/** How long things may legitimately live after their last use, in ms. */
export const DEFAULT_LIFETIME_MS = 5_000

/** What a measure may grow by a job and still be flat. */
export const DEFAULT_BUDGET: Budget = { heap: 1, external: 1, rss: 256, handles: 0.0005 }

/** Growth of heap and external memory, in bytes, at which a cohort, or the run in exact mode, ends early. */
export const MAX_GROWTH_BYTES: number = 256 * 1024 ** 2

/** Growth of RSS, in bytes, at which the run in exact mode ends early. */
export const MAX_RSS_GROWTH_BYTES: number = 1024 ** 3

/** Seed of the resampling. */
export const DEFAULT_SEED = 1

/** What a run goes by once the caller's options, the module's and the defaults are put together. */
export interface Plan {
  /** Jobs that are judged. Default 10,000. */
  readonly jobs: number
  /** Jobs before them. Default 2,000, or `lifetime.jobs` where that is more. */
  readonly warmup: number
  /** Jobs at once. Default 1. */
  readonly concurrency: number
  /** How long exact mode may take, in ms, not counting what it had to wait for a processor. Default 60,000. */
  readonly timeMs: number
  readonly budget: Budget
  readonly lifetimeMs: number
  readonly expectFailures: boolean
  /** Seed of the resampling. Default 1. */
  readonly seed: number
}

/** What the caller may say; what is left out is the module's, else the default. */
export type PlanOptions = Partial<Pick<Plan, 'jobs' | 'warmup' | 'concurrency' | 'timeMs' | 'seed'>> & {
  /** What each measure may grow by a job. Default `DEFAULT_BUDGET`, for each measure that is left out. */
  readonly budget?: Partial<Budget> | undefined
}

/** Puts options together: the caller's go before the module's, and those before the defaults. */
export function toPlan(
  options: { readonly [K in keyof PlanOptions]?: PlanOptions[K] | undefined },
  settings: ModuleSettings,
): Plan {
  return {
    jobs: options.jobs ?? settings.jobs ?? DEFAULT_JOBS,
    // What may live for so many jobs has to have been there for as many before growth means anything.
    warmup: Math.max(options.warmup ?? settings.warmup ?? DEFAULT_WARMUP, settings.lifetime.jobs ?? 0),
    concurrency: options.concurrency ?? settings.concurrency ?? DEFAULT_CONCURRENCY,
    timeMs: options.timeMs ?? DEFAULT_TIME_MS,
    budget: { ...DEFAULT_BUDGET, ...settings.budget, ...options.budget },
    lifetimeMs: settings.lifetime.ms ?? DEFAULT_LIFETIME_MS,
    expectFailures: settings.expectFailures,
    seed: options.seed ?? DEFAULT_SEED,
  }
}
