import type { DeadReason, HookEvents, Outcome, StoredJob } from '@isobar/core'

/** Longest text that is kept of an error, in characters. */
const MAX_ERROR = 500

/** Where a job stands, as its worker last said. `queued`: it was put back, uncharged. */
export type TrackedStatus = 'queued' | 'running' | 'done' | 'retrying' | 'dead'

/** A job as a hash in Redis tells it. */
export interface TrackedJob {
  readonly id: string
  readonly status: TrackedStatus
  readonly name: string
  readonly queue: string
  /** Charged failures + 1. */
  readonly attempt: number
  /** Who ran it last. */
  readonly worker: string
  /** When its last run started, ms since the epoch. */
  readonly startedAt: number
  /** When its last run ended, ms since the epoch; absent while it runs. */
  readonly endedAt?: number
  readonly durationMs?: number
  /** Name and message of what its last run failed of. */
  readonly error?: string
  /** Why it is dead. */
  readonly reason?: DeadReason
}

/** The fields of a hash. */
export type StatusFields = Record<string, string | number>

/** Fields that not every state has: those that a state lacks are taken away. */
export const OPTIONAL_FIELDS: readonly string[] = ['endedAt', 'durationMs', 'error', 'reason']

const STATUSES: Readonly<Record<Outcome['kind'], TrackedStatus>> = {
  ack: 'done',
  retry: 'retrying',
  dead: 'dead',
  release: 'queued',
}

/** The fields of a job that starts. */
export function toStarted({ job, startedAt }: HookEvents['start'], worker: string): StatusFields {
  return { status: 'running', ...jobFields(job), worker, startedAt }
}

/** The fields of a job that has its outcome. */
export function toSettled({ job, outcome, startedAt, durationMs }: HookEvents['settle'], worker: string): StatusFields {
  const fields: StatusFields = { status: STATUSES[outcome.kind], ...jobFields(job), worker, startedAt }
  fields['endedAt'] = Date.now()
  fields['durationMs'] = Math.round(durationMs)
  if ('error' in outcome && outcome.error !== undefined) fields['error'] = toText(outcome.error)
  if (outcome.kind === 'dead') fields['reason'] = outcome.reason
  return fields
}

/** The job that a hash tells of; undefined where it tells of none. */
export function toTracked(id: string, hash: Readonly<Record<string, string>>): TrackedJob | undefined {
  const { status, name = '', queue = '', worker = '', attempt, startedAt, endedAt, durationMs, error, reason } = hash
  if (!status) return undefined
  return {
    id,
    status: status as TrackedStatus,
    name,
    queue,
    attempt: Number(attempt),
    worker,
    startedAt: Number(startedAt),
    ...(endedAt !== undefined && { endedAt: Number(endedAt) }),
    ...(durationMs !== undefined && { durationMs: Number(durationMs) }),
    ...(error !== undefined && { error }),
    ...(reason !== undefined && { reason: reason as DeadReason }),
  }
}

function jobFields({ name, queue, attempt }: StoredJob): StatusFields {
  return { name, queue, attempt }
}

/** Never throws, whatever was thrown at it. */
function toText(thrown: unknown): string {
  try {
    const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
    return text.slice(0, MAX_ERROR)
  } catch {
    return 'an error that could not be read'
  }
}
