export { CrashedError, JobCanceledError, LeaseLostError } from '../lost-errors.ts'
export type { WorkerCounts, WorkerHealth, WorkerState } from './health.ts'
export { DEFAULT_CONCURRENCY, InProcessExecutor, type InProcessOptions, inProcess } from './in-process.ts'
export {
  DEFAULT_ABORT_GRACE_MS,
  DEFAULT_LEASE_MS,
  DEFAULT_MAX_CRASHES,
  DEFAULT_STOP_GRACE_MS,
  type StopOptions,
  type StopReport,
  type WorkerOptions,
  type WorkerQueue,
} from './options.ts'
export { MAX_PREFETCH, PREFETCH_MS } from './prefetch.ts'
export { type CronParser, createScheduler, type Scheduler, type SchedulerOptions } from './scheduler.ts'
export { TICK_WINDOW_MS } from './scheduler-keys.ts'
export { MAX_MISSED_TICKS } from './scheduler-run.ts'
export { createWorker, Worker } from './worker.ts'
