import type { SerializedError } from './serialized-error.ts'
import type { Ticks } from './ticks.ts'

/** Within a queue, `high` goes before `normal` before `low`. */
export type Priority = 'high' | 'normal' | 'low'

/** The priorities, most urgent first. */
export const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low']

/**
 * A job's data on its way from the broker to the handler.
 * - `text`: JSON as the broker stored it; decoded when the job runs, passed on undecoded until then.
 * - `value`: already decoded by the broker's client; its size and keys are not checked again.
 * - `bytes`: could not be read; the job becomes a dead letter that keeps them.
 */
export type Payload =
  | { readonly text: string }
  | { readonly value: unknown }
  | { readonly bytes: Uint8Array; readonly problem: string; readonly oversized?: boolean }

/** A job as a broker hands it over, its data not yet decoded. */
export interface StoredJob {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly priority: Priority
  /** Charged failures + 1. */
  readonly attempt: number
  /** Times it was lost with its worker: expired leases, releases as a suspect, and retries after a crash. */
  readonly crashes: number
  /** When it was enqueued, ms since the epoch. */
  readonly enqueuedAt: number
  /** When it was first due: `enqueuedAt` plus its delay, or its last redrive. Retries and releases leave it alone. */
  readonly dueAt: number
  /** Whose job it is, where the producer said so. For logs and limits. */
  readonly tenant?: string
  /** Where it was enqueued, for tracing: `JobSpec.trace`. */
  readonly trace?: string
  readonly payload: Payload
}

/** A job as a broker handed it over, with the token that proves it is still ours. */
export interface Delivery {
  readonly job: StoredJob
  /** The fencing token of this delivery. Only the broker that made it reads it. */
  readonly token: unknown
  /** When the lease ends unless extended, ms since the epoch. */
  readonly leaseUntil: number
}

/**
 * Why a job is in the dead letters.
 * - `exhausted`: every attempt failed.
 * - `unrecoverable`: the handler threw `Unrecoverable`.
 * - `invalid`: its data is not JSON that its schema accepts.
 * - `invalid-result`: the handler's result is not what its schema says.
 * - `unreadable`: the message could not be read at all.
 * - `oversized`: its payload is over the limit.
 * - `unknown`: nobody had a handler for its name for `unknownAfter`.
 * - `crashed`: it took its worker down, or lost its lease, too often.
 */
export type DeadReason =
  | 'exhausted'
  | 'unrecoverable'
  | 'invalid'
  | 'invalid-result'
  | 'unreadable'
  | 'oversized'
  | 'unknown'
  | 'crashed'

/** What became of a delivery. */
export type Outcome =
  /** Done. `enqueue` goes out with it, or not at all. */
  | { readonly kind: 'ack'; readonly result?: unknown; readonly enqueue?: readonly JobSpec[] }
  /**
   * Failed, to be tried again. Charged: costs an attempt. `crashed`: it took its isolate down while it ran alone, which
   * raises `crashes` too.
   */
  | { readonly kind: 'retry'; readonly delayMs: number; readonly error: unknown; readonly crashed?: boolean }
  /** To the dead letters. */
  | { readonly kind: 'dead'; readonly error: unknown; readonly reason: DeadReason }
  /** Back to the queue, uncharged. `suspect`: it may have killed its isolate, which raises `crashes`. */
  | { readonly kind: 'release'; readonly delayMs?: number; readonly suspect?: boolean; readonly error?: unknown }

/** A delivery with its outcome, as a worker reports it. */
export interface Settlement {
  readonly delivery: Delivery
  readonly outcome: Outcome
  /** When its handler started, ms since the epoch; absent when it never did. */
  readonly startedAt?: number
  readonly endedAt: number
}

/** A delivery that is no longer ours. */
export interface Lost {
  readonly delivery: Delivery
  /** `lease`: expired, or taken over. `canceled`: somebody cancelled the job. */
  readonly reason: 'lease' | 'canceled'
}

/** How a job that has a key keeps out others with the same key, per queue. */
export type Dedupe =
  /** Until it is done or dead (the default). */
  | { readonly mode: 'alive' }
  /** Until it is first handed to a worker: one waiting, one running. */
  | { readonly mode: 'queued' }
  /** For this many ms from now, whatever becomes of it. */
  | { readonly mode: 'window'; readonly windowMs: number }

/** A job to be enqueued, as it goes to a broker: data checked and encoded. */
export interface JobSpec {
  /** Chosen by the broker when absent. */
  readonly id?: string | undefined
  readonly name: string
  readonly queue: string
  readonly priority: Priority
  /** The data as JSON text. */
  readonly text: string
  /** How long it waits before it is due, in ms. 0 is now. */
  readonly delayMs: number
  readonly key?: string
  /** How `key` keeps others out. Default: while the job is alive. */
  readonly dedupe?: Dedupe
  readonly tenant?: string | undefined
  /**
   * Where it is enqueued, for tracing: the headers of a trace context (W3C `traceparent` and the like) as the text of a
   * JSON object of strings, at most `MAX_TRACE` characters. Brokers hand it on as it is.
   */
  readonly trace?: string | undefined
}

/** Characters that the trace context of a job may have. */
export const MAX_TRACE = 4_096

/** What a broker answers for one enqueued job. */
export interface Enqueued {
  /** The job's id, or that of the job that already holds the key. */
  readonly id: string
  /** Whether the key was taken, so that nothing was added. */
  readonly duplicate: boolean
}

/** Where a job stands. */
export interface JobStatus {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly state: 'queued' | 'running' | 'done' | 'dead' | 'canceled'
  readonly priority: Priority
  readonly attempt: number
  readonly crashes: number
  readonly enqueuedAt: number
  /** When it is or was due next, ms since the epoch. */
  readonly dueAt: number
  /** Who runs it, while it runs. */
  readonly workerId?: string
  /** The last thing `ctx.progress` was told. */
  readonly progress?: unknown
  /** What the handler returned, while the broker keeps it. */
  readonly result?: unknown
  /** Of the last failure. */
  readonly error?: SerializedError
  readonly reason?: DeadReason
  readonly endedAt?: number
}

/** What a broker can do. Asking for anything else fails with `UnsupportedError`. */
export interface Capabilities {
  /** Jobs can wait before they are due. */
  readonly delay: boolean
  /** `exact`: urgent first within a queue. `lanes`: a queue each, with no order between them. */
  readonly priority: 'exact' | 'lanes' | false
  /** Whether putting a job back costs one of the platform's deliveries. */
  readonly release: 'free' | 'charged'
  /** Keys are honoured. */
  readonly dedupe: boolean
  /** Leases can be extended. */
  readonly extend: boolean
  /** Follow-up jobs go out with the ack, or not at all. */
  readonly atomicEnqueue: boolean
  /** Dead letters can be listed, redriven and discarded. */
  readonly deadLetter: boolean
  /** Depth and age of queues can be told. */
  readonly stats: boolean
  /** `get` and `cancel` work. */
  readonly lookup: boolean
  /** Queues can be paused and resumed. */
  readonly pause: boolean
  /** Progress of a running job is kept. */
  readonly progress: boolean
  /** Jobs in one `send`, `receive` or `settle`. */
  readonly maxBatch: number
  /** Bytes of one job's data as JSON. */
  readonly maxBytes: number
  /** The longest delay, in ms. */
  readonly maxDelayMs: number
}

/** The sending half of a broker. */
export interface Sender {
  readonly name: string
  readonly can: Capabilities
  /**
   * Enqueues jobs, all or none where the broker can. Answers in the order of `specs`.
   * `tx` is a transaction of the caller's to enqueue in, where the broker knows such a thing.
   */
  send(specs: readonly JobSpec[], options?: { readonly tx?: unknown }): Promise<readonly Enqueued[]>
  /** Where a job stands, or undefined when the broker does not know it (any more). */
  get(id: string): Promise<JobStatus | undefined>
  /** Cancels a job that is queued or running (its signal aborts). False when it is in neither state. */
  cancel(id: string): Promise<boolean>
  /** The record of schedules, where the broker keeps one: missed ticks can be made up for. */
  readonly ticks?: Ticks
}

/** One queue that a worker wants jobs of. */
export interface QueueWant {
  readonly name: string
  /** At most this many of it in the answer. */
  readonly max: number
}

/** What a worker asks a broker for. */
export interface Want {
  /** In the order in which they are to be read. */
  readonly queues: readonly QueueWant[]
  /** Deliveries in all. */
  readonly max: number
  readonly leaseMs: number
  readonly workerId: string
  /** How long to wait for a first job before answering with none, in ms. */
  readonly waitMs: number
  readonly signal: AbortSignal
}

/** Figures of one queue. */
export interface QueueStats {
  readonly queue: string
  /** Jobs that are due and not handed out. */
  readonly ready: number
  /** Jobs that wait for their time. */
  readonly delayed: number
  /** Jobs that are handed out. */
  readonly active: number
  readonly dead: number
  /** How long the oldest due job has waited, in ms; 0 when there is none. */
  readonly oldestAgeMs: number
  readonly paused: boolean
}

/** A job that will not be run again unless somebody says so. */
export interface DeadLetter {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly priority: Priority
  readonly reason: DeadReason
  readonly error: SerializedError
  /** Attempts that were charged. */
  readonly attempts: number
  readonly crashes: number
  readonly enqueuedAt: number
  readonly diedAt: number
  /** How often it was redriven before. */
  readonly redrives: number
  readonly tenant?: string
  readonly payload: Payload
}

/** Which dead letters are meant: these ids, or all of a queue. */
export type DeadLetterSelection = { readonly ids: readonly string[] } | { readonly queue: string }

/** The dead letters of a broker. */
export interface DeadLetters {
  /** A page, newest first. `cursor` of the answer goes into the next call; none means it was the last. */
  list(options?: { readonly queue?: string; readonly limit?: number; readonly cursor?: string }): Promise<{
    readonly items: readonly DeadLetter[]
    readonly cursor?: string
  }>
  /** Puts them back: same id, attempts and crashes from the start, `redrives` raised. Answers how many. */
  redrive(which: DeadLetterSelection): Promise<number>
  /** Deletes them. Answers how many. */
  discard(which: DeadLetterSelection): Promise<number>
}

/**
 * Where jobs wait. The whole contract between isobar and a queueing system; `brokerCases` in `@isobar/core/testing`
 * proves that an implementation keeps it.
 */
export interface Broker extends Sender, AsyncDisposable {
  /** Opens what there is to open. Every call does so itself; entry points call it, to tell what is wrong at start. */
  ready?(): Promise<void>
  /**
   * Claims jobs that are due, urgent first, and leases them. Waits up to `waitMs` for a first one. Aborting the signal
   * ends the wait: the promise then resolves, with what it had already claimed. Nothing claimed is forgotten.
   */
  receive(want: Want): Promise<readonly Delivery[]>
  /** Settles deliveries, each on its own: one that is lost or bad spoils no other. Answers the lost; nothing was changed for them. */
  settle(done: readonly Settlement[]): Promise<readonly Lost[]>
  /** Extends leases to `leaseMs` from now. Answers the lost. */
  extend(held: readonly Delivery[], leaseMs: number): Promise<readonly Lost[]>
  /** Keeps what `ctx.progress` was told, for `get`. A lost delivery changes nothing. */
  progress(delivery: Delivery, value: unknown): Promise<void>
  stats(queues: readonly string[]): Promise<readonly QueueStats[]>
  /** A paused queue takes jobs and hands none out, for every worker, until resumed. */
  pause(queue: string): Promise<void>
  resume(queue: string): Promise<void>
  readonly deadLetters: DeadLetters
}
