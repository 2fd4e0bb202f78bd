export type { BullmqBroker } from './broker.ts'
export { bullmq } from './bullmq.ts'
export { BrokerClosedError, DriverMissingError, RedisError } from './errors.ts'
export {
  type BullMQProcessor,
  DEFAULT_RATE_LIMIT_MS,
  type FromBullMQOptions,
  fromBullMQ,
} from './from-bullmq.ts'
export { DEFAULT_KEPT_ROWS, type JobLogs, type JobLogsOptions, jobLogs } from './job-logs.ts'
export {
  DEFAULT_STATUS_PREFIX,
  DEFAULT_STATUS_TTL_MS,
  type JobStatusOptions,
  type JobStatusTracker,
  jobStatus,
  MAX_STATUS_TTL_MS,
  type ReadStatusOptions,
  readJobStatus,
} from './job-status.ts'
export {
  type BullmqOptions,
  DEFAULT_CLOSE_TIMEOUT_MS,
  DEFAULT_COMMAND_TIMEOUT_MS,
  DEFAULT_POLL_MS,
  DEFAULT_PREFIX,
} from './options.ts'
export { DEFAULT_GATHER_MS, JobWatchError, MAX_PENDING_JOBS, type WatchStats } from './outbox.ts'
export { DEFAULT_PRIORITIES, type Priorities } from './priorities.ts'
export { type BullMQProgress, ProcessorJob, ProcessorJobError } from './processor-job.ts'
export type { TrackedJob, TrackedStatus } from './status-fields.ts'
export type { WatchClient, WatchTransaction } from './watch-client.ts'
