export { Hooks } from '../hooks.ts'
export { CrashedError, JobCanceledError, LeaseLostError } from '../lost-errors.ts'
export { DEFAULT_BACKOFF, delayAfter } from '../retry.ts'
export { DEFAULT_ALONE_CRASHES, type JobCrash, toCrashOutcome } from './crash-outcome.ts'
export { type DesireOptions, type DesireReading, DRAIN_TARGET_MS, desiredWorkers } from './desired.ts'
export { type GovernorLimits, govern, type Verdict } from './governor.ts'
export { FRESH, type GovernorState } from './governor-state.ts'
export type { WorkerCounts, WorkerHealth, WorkerState } from './health.ts'
export { DEFAULT_CONCURRENCY, InProcessExecutor, type InProcessOptions, inProcess } from './in-process.ts'
export type { IsolateReading, MemoryReading } from './memory-reading.ts'
export {
  DEFAULT_ABORT_GRACE_MS,
  DEFAULT_LEASE_MS,
  DEFAULT_MAX_CRASHES,
  DEFAULT_STATS_MS,
  DEFAULT_STOP_GRACE_MS,
  type MemoryProbe,
  type StopOptions,
  type StopReport,
  type WorkerOptions,
  type WorkerQueue,
} from './options.ts'
export { MAX_PREFETCH, PREFETCH_MS, Prefetch, type PrefetchLimits } from './prefetch.ts'
export type { QueueFigures } from './queue-watch.ts'
export { explain, type RecycleReason } from './recycle-reason.ts'
export {
  type ScaleOptions,
  type ScaleRange,
  type ScaleReading,
  type ScaleState,
  scale,
  toScaleOptions,
  UNSCALED,
} from './scaler.ts'
export { type CronParser, createScheduler, type Scheduler, type SchedulerOptions } from './scheduler.ts'
export { TICK_WINDOW_MS } from './scheduler-keys.ts'
export { MAX_MISSED_TICKS } from './scheduler-run.ts'
export { type LeakEstimate, Sentinel, type SentinelStep } from './sentinel.ts'
export { createWorker, Worker } from './worker.ts'
