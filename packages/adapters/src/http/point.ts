import type { ExecutorHealth } from '@isobar/core'
import type { LeakEstimate, WorkerHealth } from '@isobar/core/worker'
import { type LivePoint, MAX_POINT_QUEUES, MAX_POINT_SLOTS, MAX_POINT_TYPES } from './contract.ts'
import { toServing } from './serving.ts'

/** What a second was like, beside what the worker's health says. */
export interface Second {
  /** Ms since the epoch. */
  readonly at: number
  /** Of the worker when the second before ended. */
  readonly before: WorkerHealth['counts']
  readonly p50: number | null
  readonly p99: number | null
  readonly loopDelay: number
  readonly recycles: LivePoint['recycles']
}

/** A second of a worker, with everything in it; `fitPoint` makes it small. */
export function toPoint(health: WorkerHealth, { before, loopDelay, ...second }: Second): LivePoint {
  const { counts, memory, executor, queueFigures } = health
  return {
    ...second,
    done: counts.done - before.done,
    retried: counts.retried - before.retried,
    dead: counts.dead - before.dead,
    released: counts.released - before.released,
    running: health.running,
    buffered: health.buffered,
    loopDelay: Number(loopDelay.toFixed(1)),
    memory: memory ? { total: memory.total, rss: memory.rss, limit: memory.limit ?? null } : null,
    types: health.leaks.slice(0, MAX_POINT_TYPES).map(toType),
    slots: toSlots(executor),
    queues: (queueFigures?.queues ?? [])
      .slice(0, MAX_POINT_QUEUES)
      .map(({ queue, ready, delayed, active, dead, oldestAgeMs, paused }) => [
        queue,
        ready,
        delayed,
        active,
        dead,
        Math.round(oldestAgeMs),
        paused ? 1 : 0,
      ]),
  }
}

function toType({ name, bytesPerJob, low, high, suspect }: LeakEstimate): LivePoint['types'][number] {
  return [name, toBytes(bytesPerJob), toEnd(low), toEnd(high), suspect ? 1 : 0]
}

/** A tenth of a byte a job is 1 KB in 10,000: less says nothing. */
function toBytes(bytes: number): number {
  return Number(bytes.toFixed(Math.abs(bytes) < 1_000 ? 1 : 0))
}

function toEnd(bytes: number): number | null {
  return Number.isFinite(bytes) ? toBytes(bytes) : null
}

function toSlots({ pool }: ExecutorHealth): LivePoint['slots'] {
  return toServing(pool?.isolates ?? [])
    .slice(0, MAX_POINT_SLOTS)
    .map(({ slot, memory, jobs, state }) => [
      slot,
      memory?.total ?? 0,
      memory?.rss ?? 0,
      memory?.limit ?? pool?.memoryLimit ?? null,
      jobs,
      state,
    ])
}
