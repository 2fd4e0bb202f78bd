import type { ExecutorHealth } from '../executor.ts'
import type { MemoryReading } from './memory-reading.ts'
import type { QueueFigures } from './queue-watch.ts'
import type { LeakEstimate } from './sentinel.ts'

/** What a worker is up to. */
export type WorkerState = 'idle' | 'running' | 'paused' | 'draining' | 'stopped'

/** How a worker is doing: plain data, made when asked for. */
export interface WorkerHealth {
  readonly id: string
  readonly state: WorkerState
  /** False when its executor is unhealthy, or no heartbeat has succeeded for a whole lease. */
  readonly healthy: boolean
  /** Ms since the epoch; undefined before the first start. */
  readonly startedAt: number | undefined
  readonly uptimeMs: number
  readonly queues: readonly string[]
  /** Deliveries that wait here for a slot. */
  readonly buffered: number
  /** Deliveries that run. */
  readonly running: number
  /** Deliveries whose outcome the broker has not confirmed yet. */
  readonly settling: number
  readonly counts: WorkerCounts
  /** Of handlers, in ms. */
  readonly duration: { readonly mean: number; readonly p50: number; readonly p99: number }
  /** When leases were last extended, ms since the epoch. */
  readonly lastHeartbeatAt: number | undefined
  /** Depth and oldest age of its queues, as last seen; undefined before the first look, and where the broker cannot tell. */
  readonly queueFigures: QueueFigures | undefined
  /** Memory of the worker's own process; undefined where nobody reads it. */
  readonly memory: MemoryReading | undefined
  /** Bytes that a job of each type leaves behind, as far as that can be told: the worst first. */
  readonly leaks: readonly LeakEstimate[]
  readonly executor: ExecutorHealth
}

/** Deliveries since the start, by what became of them. */
export interface WorkerCounts {
  readonly done: number
  /** Failed, to be tried again. */
  readonly retried: number
  readonly dead: number
  readonly released: number
  /** No longer ours when they ended. */
  readonly lost: number
}
