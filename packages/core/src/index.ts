export {
  type App,
  type AppOptions,
  type AppRunOptions,
  createApp,
  DEFAULT_GRACE_MS,
  DEFAULT_UNKNOWN_AFTER_MS,
} from './app.ts'
export type * from './broker.ts'
export { type Clock, systemClock, type Timer } from './clock.ts'
export type { Container } from './container.ts'
export type { FollowUpOptions, Handler, JobContext, JobLogger, LogFields, Middleware } from './context.ts'
export { type Duration, MAX_TIMER_MS, type Size, toBytes, toMs } from './duration.ts'
export type { EnqueueArgs, EnqueueOptions } from './enqueue.ts'
export {
  type AbortReason,
  InvalidDataError,
  InvalidResultError,
  IsobarError,
  type IsobarErrorOptions,
  type JobLabel,
  JobSettledError,
  MiddlewareError,
  MissingProviderError,
  OptionError,
  PayloadTooLargeError,
  RegistrationError,
  ResourceError,
  ScopeDisposedError,
  ShutdownError,
  ThrownValueError,
  TimeoutError,
  UnknownJobError,
  UnreadableError,
  Unrecoverable,
  UnsupportedError,
} from './errors.ts'
export type {
  ExecuteOptions,
  Executor,
  ExecutorHealth,
  IsolateHealth,
  IsolateState,
  PoolHealth,
  RecycleCause,
  Running,
  SlotPauses,
} from './executor.ts'
export { MAX_FOLLOW_UPS } from './follow-ups.ts'
export type { Hook, HookEvents, HookName, LogLevel } from './hooks.ts'
export {
  type AnyJobType,
  DEFAULT_MAX_BYTES,
  DEFAULT_QUEUE,
  DEFAULT_TIMEOUT_MS,
  type DedupeOption,
  defineJob,
  type Job,
  type JobOptions,
  type JobType,
  type NotJson,
} from './job.ts'
export { definePlugin, type Plugin, type PluginApp, type PluginOptions } from './plugin.ts'
export { type CreateContext, defineResource, type Lifetime, type Provider, type Resource } from './resource.ts'
export {
  type Backoff,
  type BackoffData,
  DEFAULT_ATTEMPTS,
  DEFAULT_BACKOFF_BASE_MS,
  DEFAULT_BACKOFF_MAX_MS,
  type ExponentialOptions,
  exponential,
  fixed,
  MAX_DELAY_MS,
  Release,
  RetryAfter,
  type RetryOptions,
  type RetryPolicy,
} from './retry.ts'
export type { JobRun } from './run.ts'
export type { RunOptions } from './run-host.ts'
export type { MissedTicks, Schedule, ScheduleArgs, ScheduleOptions } from './schedule.ts'
export type { InferInput, InferOutput, Json, SchemaIssue, SchemaResult, StandardSchema, ToJson } from './schema.ts'
export { type AnyDisposable, Scope } from './scope.ts'
export type { SerializedError } from './serialized-error.ts'
export type { Ticks } from './ticks.ts'
export type { MemoryReading } from './worker/memory-reading.ts'
