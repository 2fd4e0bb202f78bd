import type { HookEvents, MemoryReading, PoolHealth } from '@isobar/core'
import type { LeakEstimate, QueueFigures, WorkerHealth, WorkerState } from '@isobar/core/worker'
import { DURATION_BUCKETS, type JobTable, MAX_QUEUES, OTHER, toLabel } from '../job-table.ts'
import { MAX_SLOTS, type RecycleTable, toSlotLabel } from '../recycle-table.ts'
import { type Serving, toServing } from '../serving.ts'
import type { HistogramSample, Sample, Samples } from './text.ts'

/** What metrics are made of. */
export interface Figures {
  readonly health: WorkerHealth
  /** Undefined where it cannot be told. */
  readonly desired: number | undefined
  readonly jobs: JobTable
  readonly recycles: RecycleTable
  readonly brokerErrors: ReadonlyMap<HookEvents['brokerError']['action'], number>
  /** Largest of the last minute. */
  readonly loopDelayMs: number
}

const STATES: readonly WorkerState[] = ['idle', 'running', 'paused', 'draining', 'stopped']

/** The figures of every metric, in base units: seconds, bytes. */
export function toSamples(figures: Figures): Samples {
  const { health, desired, jobs, recycles, brokerErrors, loopDelayMs } = figures
  const { executor, memory } = health
  const table = jobs.all()
  const left = (of: (leak: LeakEstimate) => number) => toLeaks(health.leaks, jobs, of)
  const serving = toServing(executor.pool?.isolates ?? []).filter(({ slot }) => slot < MAX_SLOTS)
  const slots = (of: (isolate: Serving) => number | undefined): readonly Sample[] =>
    serving.flatMap((isolate) => one(of(isolate), toSlotLabel(isolate.slot)))
  const slotMemory = (of: (reading: MemoryReading) => number | undefined) =>
    slots((isolate) => isolate.memory && of(isolate.memory))
  return {
    isobar_jobs_total: table.flatMap(({ queue, name, outcomes }) =>
      Object.entries(outcomes).flatMap(([outcome, count]) => one(count, queue, name, outcome)),
    ),
    isobar_job_duration_seconds: table.map(({ queue, name, buckets, seconds }) => ({
      labels: [queue, name],
      bounds: DURATION_BUCKETS,
      buckets,
      sum: seconds,
    })),
    isobar_dead_letters_total: table.flatMap(({ queue, name, dead }) =>
      [...dead].flatMap(([reason, count]) => one(count, queue, name, reason)),
    ),
    isobar_deliveries_lost_total: one(health.counts.lost),
    isobar_job_left_bytes: left(({ bytesPerJob }) => bytesPerJob),
    isobar_job_left_low_bytes: left(({ low }) => low),
    isobar_job_left_high_bytes: left(({ high }) => high),
    isobar_job_leak_suspect: left(({ suspect }) => Number(suspect)),
    ...toQueues(health.queueFigures),
    isobar_worker_state: STATES.flatMap((state) => one(Number(state === health.state), state)),
    isobar_worker_healthy: one(Number(health.healthy)),
    isobar_worker_start_time_seconds: one(toSeconds(health.startedAt)),
    isobar_worker_heartbeat_time_seconds: one(toSeconds(health.lastHeartbeatAt)),
    isobar_worker_slots: one(executor.size),
    isobar_worker_jobs: (['running', 'buffered', 'settling'] as const).flatMap((state) => one(health[state], state)),
    isobar_worker_abandoned_slots: one(executor.abandoned),
    isobar_workers_desired: one(desired),
    isobar_broker_errors_total: [...brokerErrors].flatMap(([action, count]) => one(count, action)),
    isobar_worker_event_loop_delay_seconds: one(toSeconds(loopDelayMs)),
    isobar_worker_memory_bytes: one(memory?.total),
    isobar_worker_heap_bytes: one(memory?.heapUsed),
    isobar_worker_external_bytes: one(memory?.external),
    isobar_worker_rss_bytes: one(memory?.rss),
    isobar_worker_memory_limit_bytes: one(memory?.limit),
    isobar_isolates_wanted: one(executor.pool?.wanted),
    isobar_isolate_memory_bytes: slotMemory(({ total }) => total),
    isobar_isolate_heap_bytes: slotMemory(({ heapUsed }) => heapUsed),
    isobar_isolate_external_bytes: slotMemory(({ external }) => external),
    isobar_isolate_rss_bytes: slotMemory(({ rss }) => rss),
    isobar_isolate_memory_limit_bytes: slots(() => executor.pool?.memoryLimit),
    isobar_isolate_jobs: slots(({ jobs: done }) => done),
    isobar_isolate_age_seconds: slots(({ ageMs }) => toSeconds(ageMs)),
    isobar_isolate_gc_pause_seconds: toPauses(executor.pool),
    isobar_isolate_recycles_total: recycles.all().flatMap(([slot, cause, count]) => one(count, slot, cause)),
    isobar_isolate_failed_starts_total: one(executor.pool?.failedStarts),
    isobar_isolate_gap_seconds: one(toSeconds(executor.pool?.lastGapMs)),
  }
}

/** A sample, or none where there is nothing to say. */
function one(value: number | undefined, ...labels: readonly string[]): readonly Sample[] {
  return value === undefined ? [] : [{ labels, value }]
}

function toSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000
}

/** Isolates that wait as spares have theirs, too: they collect what loading has left. */
function toPauses(pool: PoolHealth | undefined): readonly HistogramSample[] {
  return (pool?.pauses ?? [])
    .filter(({ slot = 0 }) => slot < MAX_SLOTS)
    .map(({ slot, kind, boundsMs, counts, ms }) => ({
      labels: [toSlotLabel(slot), kind],
      bounds: boundsMs.map((bound) => bound / 1_000),
      buckets: counts,
      sum: ms / 1_000,
    }))
}

/** Types that are told apart elsewhere, too, and `(other)`: over the years the sentinel may have seen any number of others. */
function toLeaks(
  leaks: readonly LeakEstimate[],
  jobs: JobTable,
  of: (leak: LeakEstimate) => number,
): readonly Sample[] {
  const samples = new Map<string, Sample>()
  for (const leak of leaks) {
    const label = leak.name === OTHER ? OTHER : jobs.labelOf(leak.name)
    if (label !== undefined && !samples.has(label)) samples.set(label, { labels: [label], value: of(leak) })
  }
  return [...samples.values()]
}

function toQueues(
  figures: QueueFigures | undefined,
): Pick<Samples, 'isobar_queue_jobs' | 'isobar_queue_oldest_age_seconds' | 'isobar_queue_paused'> {
  const byLabel = new Map(figures?.queues.map((stats) => [toLabel(stats.queue), stats]))
  const queues = [...byLabel].slice(0, MAX_QUEUES).map(([label, stats]) => ({ ...stats, label }))
  return {
    isobar_queue_jobs: queues.flatMap((stats) =>
      (['ready', 'delayed', 'active', 'dead'] as const).flatMap((state) => one(stats[state], stats.label, state)),
    ),
    isobar_queue_oldest_age_seconds: queues.flatMap(({ oldestAgeMs, label }) => one(toSeconds(oldestAgeMs), label)),
    isobar_queue_paused: queues.flatMap(({ paused, label }) => one(Number(paused), label)),
  }
}
