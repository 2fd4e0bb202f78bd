/** A metric as Prometheus knows it. */
export interface MetricFamily {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  readonly help: string
}

const counter = (help: string, ...labels: string[]): MetricFamily => ({ type: 'counter', labels, help })
const gauge = (help: string, ...labels: string[]): MetricFamily => ({ type: 'gauge', labels, help })
const histogram = (help: string, ...labels: string[]): MetricFamily => ({ type: 'histogram', labels, help })

/**
 * Every metric there is, in the order in which they are written: a contract, which docs/http.md states. No label ever
 * takes values without end (job ids, tenants, process ids).
 */
export const METRICS: {
  readonly isobar_jobs_total: MetricFamily
  readonly isobar_job_duration_seconds: MetricFamily
  readonly isobar_dead_letters_total: MetricFamily
  readonly isobar_deliveries_lost_total: MetricFamily
  readonly isobar_job_left_bytes: MetricFamily
  readonly isobar_job_left_low_bytes: MetricFamily
  readonly isobar_job_left_high_bytes: MetricFamily
  readonly isobar_job_leak_suspect: MetricFamily
  readonly isobar_queue_jobs: MetricFamily
  readonly isobar_queue_oldest_age_seconds: MetricFamily
  readonly isobar_queue_paused: MetricFamily
  readonly isobar_worker_state: MetricFamily
  readonly isobar_worker_healthy: MetricFamily
  readonly isobar_worker_start_time_seconds: MetricFamily
  readonly isobar_worker_heartbeat_time_seconds: MetricFamily
  readonly isobar_worker_slots: MetricFamily
  readonly isobar_worker_jobs: MetricFamily
  readonly isobar_worker_abandoned_slots: MetricFamily
  readonly isobar_workers_desired: MetricFamily
  readonly isobar_broker_errors_total: MetricFamily
  readonly isobar_worker_event_loop_delay_seconds: MetricFamily
  readonly isobar_worker_memory_bytes: MetricFamily
  readonly isobar_worker_heap_bytes: MetricFamily
  readonly isobar_worker_external_bytes: MetricFamily
  readonly isobar_worker_rss_bytes: MetricFamily
  readonly isobar_worker_memory_limit_bytes: MetricFamily
  readonly isobar_isolates_wanted: MetricFamily
  readonly isobar_isolate_memory_bytes: MetricFamily
  readonly isobar_isolate_heap_bytes: MetricFamily
  readonly isobar_isolate_external_bytes: MetricFamily
  readonly isobar_isolate_rss_bytes: MetricFamily
  readonly isobar_isolate_memory_limit_bytes: MetricFamily
  readonly isobar_isolate_jobs: MetricFamily
  readonly isobar_isolate_age_seconds: MetricFamily
  readonly isobar_isolate_gc_pause_seconds: MetricFamily
  readonly isobar_isolate_recycles_total: MetricFamily
  readonly isobar_isolate_failed_starts_total: MetricFamily
  readonly isobar_isolate_gap_seconds: MetricFamily
} = {
  isobar_jobs_total: counter(
    'Runs of jobs that ended, by outcome: ack, retry, dead, release.',
    'queue',
    'job',
    'outcome',
  ),
  isobar_job_duration_seconds: histogram('How long handlers took.', 'queue', 'job'),
  isobar_dead_letters_total: counter('Jobs that went to the dead letters, by reason.', 'queue', 'job', 'reason'),
  isobar_deliveries_lost_total: counter('Deliveries that were no longer this worker’s when they ended.'),
  isobar_job_left_bytes: gauge('Bytes that a job leaves behind, as estimated by the sentinel.', 'job'),
  isobar_job_left_low_bytes: gauge('Lower end of the 95 % interval of isobar_job_left_bytes.', 'job'),
  isobar_job_left_high_bytes: gauge('Upper end of the 95 % interval of isobar_job_left_bytes.', 'job'),
  isobar_job_leak_suspect: gauge('1 where the sentinel says that a job type leaks.', 'job'),
  isobar_queue_jobs: gauge('Jobs in a queue, by state: ready, delayed, active, dead.', 'queue', 'state'),
  isobar_queue_oldest_age_seconds: gauge('How long the oldest due job has waited.', 'queue'),
  isobar_queue_paused: gauge('1 while a queue is paused.', 'queue'),
  isobar_worker_state: gauge('1 for the state that the worker is in.', 'state'),
  isobar_worker_healthy: gauge('1 while the worker is healthy.'),
  isobar_worker_start_time_seconds: gauge('When the worker started, in seconds since the epoch.'),
  isobar_worker_heartbeat_time_seconds: gauge('When leases were last extended, in seconds since the epoch.'),
  isobar_worker_slots: gauge('Jobs that the worker can run at once.'),
  isobar_worker_jobs: gauge('Deliveries that the worker holds, by state: running, buffered, settling.', 'state'),
  isobar_worker_abandoned_slots: gauge('Slots held by handlers that ignored their timeouts.'),
  isobar_workers_desired: gauge('Workers like this one that its queues want.'),
  isobar_broker_errors_total: counter('Failures of the broker, by what was asked of it.', 'action'),
  isobar_worker_event_loop_delay_seconds: gauge(
    'How late timers of the worker’s process were at most in the last minute.',
  ),
  isobar_worker_memory_bytes: gauge('Heap of the worker’s process and what it keeps outside.'),
  isobar_worker_heap_bytes: gauge('Heap of the worker’s process that is in use.'),
  isobar_worker_external_bytes: gauge('Memory of objects outside of the heap of the worker’s process.'),
  isobar_worker_rss_bytes: gauge('Resident memory of the worker’s process.'),
  isobar_worker_memory_limit_bytes: gauge('What the worker’s process may use, where there is a limit.'),
  isobar_isolates_wanted: gauge('Isolates that serve when all is well.'),
  isobar_isolate_memory_bytes: gauge('Heap of an isolate and what it keeps outside.', 'slot'),
  isobar_isolate_heap_bytes: gauge('Heap of an isolate that is in use.', 'slot'),
  isobar_isolate_external_bytes: gauge('Memory of objects outside of the heap of an isolate.', 'slot'),
  isobar_isolate_rss_bytes: gauge('Resident memory of an isolate.', 'slot'),
  isobar_isolate_memory_limit_bytes: gauge('What an isolate may use before it is replaced.', 'slot'),
  isobar_isolate_jobs: gauge('Jobs that an isolate has done since it started.', 'slot'),
  isobar_isolate_age_seconds: gauge('How long an isolate has lived.', 'slot'),
  isobar_isolate_gc_pause_seconds: histogram(
    'How long collections of garbage stopped an isolate, by kind: minor, major.',
    'slot',
    'kind',
  ),
  isobar_isolate_recycles_total: counter('Isolates that were replaced, or died, by cause.', 'slot', 'cause'),
  isobar_isolate_failed_starts_total: counter('Starts of isolates that failed.'),
  isobar_isolate_gap_seconds: gauge('From the last death of an isolate until another served in its place.'),
}

/** The name of a metric. */
export type MetricName = keyof typeof METRICS
