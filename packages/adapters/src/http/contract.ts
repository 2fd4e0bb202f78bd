/** What the HTTP API answers: plain JSON, times in ms since the epoch, sizes in bytes, durations in ms. */
import type { DeadReason, ExecutorHealth, JobStatus, PoolHealth, QueueStats } from '@isobar/core'
import type { LeakEstimate, WorkerHealth } from '@isobar/core/worker'

/** Points of the live figures that are kept: 15 minutes, one a second. */
export const MAX_POINTS = 900

/** Job types and isolates in a point, at most: the worst and the first come first. */
export const MAX_POINT_TYPES = 20
export const MAX_POINT_SLOTS = 16
export const MAX_POINT_QUEUES = 16

/** One second of a worker. Lists have the shape that is said, to be small: a point has at most 4 KB as JSON. */
export interface LivePoint {
  readonly at: number
  /** Deliveries that ended in this second, by what became of them. */
  readonly done: number
  readonly retried: number
  readonly dead: number
  readonly released: number
  readonly running: number
  readonly buffered: number
  /** Of handlers that ended in this second; null where none did. */
  readonly p50: number | null
  readonly p99: number | null
  /** How late timers of the worker's own process were, at most. */
  readonly loopDelay: number
  /** The worker's own process. */
  readonly memory: { readonly total: number; readonly rss: number; readonly limit: number | null } | null
  /** Job types: bytes that a job leaves behind, the ends of its 95 % interval (null: nothing can be said), whether it is suspect. */
  readonly types: readonly (readonly [
    name: string,
    bytesPerJob: number,
    low: number | null,
    high: number | null,
    suspect: 0 | 1,
  ])[]
  /** Isolates that serve. */
  readonly slots: readonly (readonly [
    slot: number,
    total: number,
    rss: number,
    limit: number | null,
    jobs: number,
    state: string,
  ])[]
  /** As last seen. */
  readonly queues: readonly (readonly [
    queue: string,
    ready: number,
    delayed: number,
    active: number,
    dead: number,
    oldestAgeMs: number,
    paused: 0 | 1,
  ])[]
  /** Isolates that were replaced in this second: the slot (null: a spare), why, and in a sentence. */
  readonly recycles: readonly (readonly [slot: number | null, cause: string, message: string])[]
}

/** `GET api/history`: what the page draws first. The server-sent event `point` of `GET api/live` adds one a second. */
export interface History {
  readonly points: readonly LivePoint[]
}

/** What a job of one type leaves behind. Ends of its 95 % interval are null where nothing can be said: JSON has no infinity. */
export interface LeakAnswer extends Omit<LeakEstimate, 'low' | 'high'> {
  readonly low: number | null
  readonly high: number | null
}

/** The health of a worker, as JSON has it. */
export interface WorkerHealthAnswer extends Omit<WorkerHealth, 'leaks' | 'executor'> {
  readonly leaks: readonly LeakAnswer[]
  readonly executor: Omit<ExecutorHealth, 'pool'> & {
    readonly pool?: Omit<PoolHealth, 'leaks'> & { readonly leaks: readonly LeakAnswer[] }
  }
}

/** `GET api/health`. */
export interface HealthAnswer {
  readonly health: WorkerHealthAnswer
  /** Workers like this one that the queues want; null where that cannot be told. */
  readonly desired: number | null
  /** Whether this request may change something, and whether it may see payloads. */
  readonly may: { readonly write: boolean; readonly payloads: boolean }
  /** What the broker can do: what it cannot is not offered. */
  readonly can: {
    readonly deadLetter: boolean
    readonly lookup: boolean
    readonly pause: boolean
    readonly stats: boolean
  }
  readonly broker: string
}

/** `GET api/queues`. */
export interface QueuesAnswer {
  readonly queues: readonly QueueStats[]
}

/** A dead letter. Its payload is JSON text with every value left out, unless the request may see payloads and asks for it. */
export interface DeadLetterItem {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly priority: string
  readonly reason: DeadReason
  readonly error: {
    readonly name: string
    readonly message: string
    readonly code: string | null
    readonly stack: string | null
  }
  readonly attempts: number
  readonly crashes: number
  readonly enqueuedAt: number
  readonly diedAt: number
  readonly redrives: number
  readonly tenant: string | null
  readonly payload: { readonly text: string; readonly redacted: boolean; readonly bytes: number }
}

/**
 * `GET api/dead-letters?queue=&limit=&cursor=&payload=full`: a page, newest first, of at most 100 (20 with whole payloads), 50
 * when nothing is said. `cursor` null: it was the last.
 */
export interface DeadLettersAnswer {
  readonly items: readonly DeadLetterItem[]
  readonly cursor: string | null
}

/** `POST api/dead-letters/redrive` and `…/discard` take `{ ids }` or `{ queue }`, and answer how many. */
export type Selection = { readonly ids: readonly string[] } | { readonly queue: string }
export interface CountAnswer {
  readonly count: number
}

/** `GET api/jobs/:id`; progress and result are left out unless the request may see payloads. `POST api/jobs/:id/cancel` cancels it. */
export interface JobAnswer {
  readonly job: JobStatus
}

/** `POST api/queues/:queue/pause` and `…/resume`, `POST api/jobs/:id/cancel` and `POST api/recycle` answer this. */
export interface DoneAnswer {
  readonly done: true
}

/** Every answer with a status of 400 or more. */
export interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string }
}
