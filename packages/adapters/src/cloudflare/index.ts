export type { AnyQueue, BindingOf, Lanes, QueueBindings } from './bindings.ts'
export { type CronTriggerOptions, cronTriggers, type RunSchedules, type Schedules } from './cron-triggers.ts'
export type { ReadForeign } from './delivery.ts'
export { endIsolate, type IsolateLifetime, RESULT_FIRST_FLAG } from './end-isolate.ts'
export type { Invocation, InvocationExecutor, OpenExecutor, Started } from './executor.ts'
export { type ForeignJob, type ForeignMapping, foreignJobs } from './foreign-jobs.ts'
export {
  DEFAULT_WALL_CLOCK_MS,
  MAX_BATCH_BYTES,
  MAX_BATCH_MESSAGES,
  MAX_BODY_BYTES,
  MAX_DATA_BYTES,
  MAX_DELAY_MS,
  MAX_MESSAGE_BYTES,
  MAX_WALL_CLOCK_MS,
} from './limits.ts'
export {
  DEFAULT_CONCURRENCY,
  MAX_LOST_DELIVERIES,
  type QueueHandler,
  type QueueHandlerOptions,
  toQueueHandler,
} from './queue-handler.ts'
export { CAN, OVERLOAD_BASE_MS, SEND_ATTEMPTS, SEND_LIMIT_MS, type SentSpec, toSender } from './sender.ts'
export { MAX_UNSETTLED_DELAY_MS, UNSETTLED_DELAY_MS } from './settle.ts'
export { type QueueWorker, toWorker, type WorkerOptions } from './to-worker.ts'
