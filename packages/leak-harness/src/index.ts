export { type AcceptedLeak, applyBaseline, type Baseline, EMPTY_BASELINE, updateBaseline } from './baseline/baseline.ts'
export { readBaseline, writeBaseline } from './baseline/baseline-file.ts'
export type { BaselineReport } from './baseline/baseline-report.ts'
export { type Comparison, compareReports, comparisonExitCode, type RunPair } from './baseline/comparison.ts'
export type { Leak, LeakKind } from './baseline/leaks.ts'
export type { BleedFinding, BleedReport } from './bleed/bleed-report.ts'
export { HarnessError, type HarnessErrorCode } from './errors.ts'
export type { ContainerType } from './heap/entry-census.ts'
export {
  DEFAULT_BUDGET,
  DEFAULT_CONCURRENCY,
  DEFAULT_JOBS,
  DEFAULT_LIFETIME_MS,
  DEFAULT_SEED,
  DEFAULT_STALL_MS,
  DEFAULT_TIME_MS,
  DEFAULT_WARMUP,
  type PlanOptions,
} from './options.ts'
export type { Progress } from './progress.ts'
export type {
  BareHandler,
  Budget,
  HandlerJob,
  JobToReplay,
  ModuleOptions,
} from './replay/contract.ts'
export { toComparisonText } from './report/comparison.ts'
export { type GithubOptions, toGithub } from './report/github.ts'
export { toHtml } from './report/html.ts'
export { toJson } from './report/json.ts'
export { toJunit } from './report/junit.ts'
export type { CodePlace, PlaceOptions } from './report/place.ts'
export { toSummary } from './report/summary.ts'
export { toText } from './report/terminal.ts'
export * from './result.ts'
export { type HarnessOptions, runHarness } from './run-harness.ts'
export type { MeasureVerdict } from './stats/decision.ts'
export type { ContainerState } from './witness/entries.ts'
export type { FiguresEnd, Measure } from './witness/figures.ts'
export type { Sample } from './witness/sampler.ts'
export { type Suspect, ZOO, type ZooCase } from './zoo/cases.ts'
export { CONTROLS, checkControls } from './zoo/controls.ts'
export { runZoo, type ZooOptions, type ZooResult } from './zoo/run-zoo.ts'
