import type { HarnessOptions } from '../run-harness.ts'

/** What is the same for a full run and a fast one. */
type CommonOptions = Pick<
  HarnessOptions,
  'runtimes' | 'jobs' | 'concurrency' | 'trace' | 'imports' | 'cwd' | 'env' | 'stallMs' | 'seed' | 'signal'
>

/** Options of a full run: those of `runHarness`. */
export interface FullOptions extends Omit<HarnessOptions, 'module' | 'onProgress'> {
  readonly fast?: false | undefined
  /** Whether an undecided run passes. Default false. */
  readonly allowUndecided?: boolean | undefined
}

/** Options of a fast run, which looks for objects and entries that gather and weighs nothing. */
export interface FastOptions extends CommonOptions {
  readonly fast: true
}

/** What `toStayFlat` takes. */
export type StayFlatOptions = FullOptions | FastOptions
