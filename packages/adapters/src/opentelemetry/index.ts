/**
 * Traces and metrics by OpenTelemetry, through `@opentelemetry/api` alone: which SDK and exporters there are is up to the
 * application.
 * @module
 */
export { type Metered, type MeterJobsOptions, meterJobs } from './meter-jobs.ts'
export { type TraceJobsOptions, traceJobs } from './trace-jobs.ts'
export { type TraceSenderOptions, traceSender } from './trace-sender.ts'
