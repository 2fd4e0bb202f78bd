import type { DeadReason, JobStatus, QueueStats } from '@isobar/core'
import type { SerializedError } from '@isobar/core/codec'
import type { Connection } from './connection.ts'
import { readOpts } from './job-opts.ts'
import { type Keys, toId, toJobKey } from './keys.ts'
import type { BullmqSettings } from './options.ts'
import { toPriority } from './priorities.ts'

/** What looking up works with. */
export interface LookupContext {
  readonly connection: Connection
  readonly keys: Keys
  readonly settings: BullmqSettings
}

/** Where a job stands: alive or dead, else what is retained of it. */
export async function getStatus(context: LookupContext, id: string): Promise<JobStatus | undefined> {
  const { connection, keys, settings } = context
  const job = toJobKey(id)
  const answer = await connection.run('look up a job', 'get', [keys.queues], [keys.prefix, job.queue, job.id])
  if (answer === null) return undefined
  return toStatus(job.id, answer as Found, settings)
}

/** Answer of `lua/lookup.ts`. */
type Found = readonly [
  queue: string,
  state: JobStatus['state'],
  due: string,
  hasEnded: number,
  fields: readonly (string | null)[],
]

function toStatus(id: string, [queue, state, due, hasEnded, fields]: Found, settings: BullmqSettings): JobStatus {
  const [name, timestamp, opts, priority, failures, stalls, workerId, progress, result] = fields
  const [error, failedReason, reason, finishedOn, firstDue, place, isUnstarted] = fields.slice(9)
  const enqueuedAt = Number(timestamp)
  const status = {
    id: toId(queue, id),
    name: name as string,
    queue,
    state,
    priority: toPriority(Number(priority ?? 0), settings.priorities),
    // BullMQ counts the last attempt of a job that is done or dead too.
    attempt: Number(failures ?? 0) + ((state === 'done' || state === 'dead') && !isUnstarted ? 0 : 1),
    crashes: Number(stalls ?? 0) + hasEnded,
    enqueuedAt,
    dueAt: Number(due || place || firstDue || enqueuedAt + readOpts(opts).delayMs),
  }
  return {
    ...status,
    ...(state === 'running' && workerId && { workerId }),
    ...optional('progress', fromJson(progress)),
    ...(state === 'done' && optional('result', fromJson(result))),
    ...optional('error', toError(error, failedReason)),
    ...(state === 'dead' && { reason: (reason ?? 'exhausted') as DeadReason }),
    ...(state !== 'queued' && state !== 'running' && finishedOn && { endedAt: Number(finishedOn) }),
  }
}

function optional<Key extends string, Of>(key: Key, value: Of | undefined): { readonly [K in Key]?: Of } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Of })
}

function fromJson(text: string | null | undefined): unknown {
  if (text === null || text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The error of a job: ours, or the reason that a worker of BullMQ wrote. */
export function toError(
  error: string | null | undefined,
  failedReason: string | null | undefined,
): SerializedError | undefined {
  if (error) return fromJson(error) as SerializedError
  return failedReason ? { name: 'Error', message: failedReason } : undefined
}

/** The figures of queues, in the order asked for. */
export async function getStats(context: LookupContext, queues: readonly string[]): Promise<readonly QueueStats[]> {
  const { connection, keys } = context
  if (queues.length === 0) return []
  const bases = queues.map((queue) => keys.base(queue))
  const answer = await connection.run('tell figures', 'stats', bases, [])
  return (answer as readonly (readonly number[])[]).map((figures, at): QueueStats => {
    const [ready = 0, delayed = 0, active = 0, dead = 0, oldestAgeMs = 0, paused = 0] = figures
    return { queue: queues[at] as string, ready, delayed, active, dead, oldestAgeMs, paused: paused === 1 }
  })
}
