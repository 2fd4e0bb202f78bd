import {
  type DeadLetter,
  type DeadReason,
  type Dedupe,
  type Delivery,
  type JobSpec,
  type JobStatus,
  PRIORITIES,
  type Priority,
} from '../broker.ts'
import type { SerializedError } from '../serialized-error.ts'
import type { HeapItem } from './heap.ts'

/** A job as the memory broker keeps it. Everything a user gave is JSON text, so that nothing is shared by reference. */
export interface Entry extends HeapItem {
  readonly id: string
  readonly name: string
  readonly queue: string
  /** Index of its priority in `PRIORITIES`. */
  readonly lane: number
  readonly tenant: string | undefined
  readonly trace: string | undefined
  readonly key: string | undefined
  readonly dedupe: Dedupe['mode']
  readonly enqueuedAt: number
  /** Its place among all jobs ever added: the tie-breaker of equal due times. */
  readonly order: number
  /** Its data; emptied once nobody can ask for it any more. */
  text: string
  state: JobStatus['state']
  attempt: number
  crashes: number
  redrives: number
  /** `StoredJob.dueAt`. */
  firstDue: number
  /** When it may be handed out, or could be when it was. */
  due: number
  /** The fencing token of its latest delivery: unique in the broker. */
  token: number
  leaseUntil: number
  workerId: string | undefined
  progress: string | undefined
  result: string | undefined
  error: SerializedError | undefined
  reason: DeadReason | undefined
  endedAt: number | undefined
  /** Attempts that were charged by the time it died. */
  attempts: number
  /** Its place among all dead letters ever: the cursor of pages. */
  deadOrder: number
}

/** A new job, queued. */
export function createEntry(spec: JobSpec, id: string, order: number, now: number): Entry {
  const due = now + Math.max(0, spec.delayMs)
  return {
    slot: -1,
    id,
    name: spec.name,
    queue: spec.queue,
    lane: PRIORITIES.indexOf(spec.priority),
    tenant: spec.tenant,
    trace: spec.trace,
    key: spec.key,
    dedupe: spec.dedupe?.mode ?? 'alive',
    enqueuedAt: now,
    order,
    text: spec.text,
    state: 'queued',
    attempt: 1,
    crashes: 0,
    redrives: 0,
    firstDue: due,
    due,
    token: 0,
    leaseUntil: 0,
    workerId: undefined,
    progress: undefined,
    result: undefined,
    error: undefined,
    reason: undefined,
    endedAt: undefined,
    attempts: 0,
    deadOrder: 0,
  }
}

/** Makes a dead job a new one, due now, but for its id, its data and what it was enqueued with. */
export function revive(entry: Entry, now: number): void {
  entry.state = 'queued'
  entry.attempt = 1
  entry.crashes = 0
  entry.redrives++
  entry.firstDue = now
  entry.due = now
  entry.progress = undefined
  entry.error = undefined
  entry.reason = undefined
  entry.endedAt = undefined
}

const priorityOf = (entry: Entry): Priority => PRIORITIES[entry.lane] as Priority

const fromText = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text))

/** What a worker gets. */
export function toDelivery(entry: Entry): Delivery {
  return {
    job: {
      id: entry.id,
      name: entry.name,
      queue: entry.queue,
      priority: priorityOf(entry),
      attempt: entry.attempt,
      crashes: entry.crashes,
      enqueuedAt: entry.enqueuedAt,
      dueAt: entry.firstDue,
      ...(entry.tenant !== undefined && { tenant: entry.tenant }),
      ...(entry.trace !== undefined && { trace: entry.trace }),
      payload: { text: entry.text },
    },
    token: entry.token,
    leaseUntil: entry.leaseUntil,
  }
}

/** What `get` answers. */
export function toStatus(entry: Entry): JobStatus {
  return {
    id: entry.id,
    name: entry.name,
    queue: entry.queue,
    state: entry.state,
    priority: priorityOf(entry),
    attempt: entry.attempt,
    crashes: entry.crashes,
    enqueuedAt: entry.enqueuedAt,
    dueAt: entry.due,
    ...(entry.state === 'running' && entry.workerId !== undefined && { workerId: entry.workerId }),
    ...(entry.progress !== undefined && { progress: fromText(entry.progress) }),
    ...(entry.result !== undefined && { result: fromText(entry.result) }),
    ...(entry.error !== undefined && { error: structuredClone(entry.error) }),
    ...(entry.reason !== undefined && { reason: entry.reason }),
    ...(entry.endedAt !== undefined && { endedAt: entry.endedAt }),
  }
}

/** What a page of dead letters shows. Only for jobs that are dead. */
export function toDeadLetter(entry: Entry): DeadLetter {
  return {
    id: entry.id,
    name: entry.name,
    queue: entry.queue,
    priority: priorityOf(entry),
    reason: entry.reason as DeadReason,
    error: structuredClone(entry.error as SerializedError),
    attempts: entry.attempts,
    crashes: entry.crashes,
    enqueuedAt: entry.enqueuedAt,
    diedAt: entry.endedAt as number,
    redrives: entry.redrives,
    ...(entry.tenant !== undefined && { tenant: entry.tenant }),
    payload: { text: entry.text },
  }
}
