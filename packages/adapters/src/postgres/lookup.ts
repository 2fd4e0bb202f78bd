import type { JobStatus, QueueStats } from '@isobar/core'
import { PRIORITIES } from '@isobar/core/codec'
import { isTrue, type Row } from './database.ts'
import { toTime } from './deliveries.ts'
import type { Session } from './session.ts'

/** A run of a job's handler, as the log of executions keeps it. */
export interface Execution {
  readonly jobId: string
  readonly attempt: number
  readonly outcome: 'ack' | 'retry' | 'dead' | 'release'
  /** Ms since the epoch. */
  readonly startedAt: number
  readonly endedAt: number
  readonly workerId?: string
  readonly error?: JobStatus['error']
}

/** Executions of one job in an answer. */
const MAX_EXECUTIONS = 1_000

const ms = (column: string): string => `date_part('epoch', ${column}) * 1000`

/** Where a job stands: alive or dead, else what is retained of it. */
export async function getStatus(session: Session, id: string): Promise<JobStatus | undefined> {
  // No id has a NUL, and no column takes one.
  if (id.includes('\u0000')) return undefined
  const [job] = await session.ask(
    'look up a job',
    `SELECT CASE WHEN state = 'running' AND due_at <= statement_timestamp() THEN 'queued' ELSE state END,
      name, queue, priority, attempt,
      crashes + (state = 'running' AND due_at <= statement_timestamp())::integer,
      ${ms('enqueued_at')}, ${ms('place')},
      CASE WHEN state = 'running' AND due_at > statement_timestamp() THEN worker_id END,
      progress, NULL, error, reason, ${ms('ended_at')}
    FROM ${session.s}.job WHERE seq = ${session.s}.seq_of($1)`,
    [id],
  )
  if (job) return toStatus(id, job)
  const [finished] = await session.ask(
    'look up a job',
    `SELECT state, name, queue, priority, attempt, crashes, ${ms('enqueued_at')}, ${ms('place')}, NULL,
      progress, result, error, NULL, ${ms('ended_at')}
    FROM ${session.s}.finished WHERE id = $1 ORDER BY ended_at DESC LIMIT 1`,
    [id],
  )
  return finished && toStatus(id, finished)
}

function toStatus(id: string, row: Row): JobStatus {
  const [state, name, queue, priority, attempt, crashes, enqueuedAt, dueAt, workerId] = row
  const [progress, result, error, reason, endedAt] = row.slice(9)
  return {
    id,
    name: name as string,
    queue: queue as string,
    state: state as JobStatus['state'],
    priority: PRIORITIES[Number(priority)] ?? 'normal',
    attempt: Number(attempt),
    crashes: Number(crashes),
    enqueuedAt: toTime(enqueuedAt),
    dueAt: toTime(dueAt),
    ...(workerId !== null && { workerId: workerId as string }),
    ...(progress !== null && { progress: JSON.parse(progress as string) }),
    ...(result !== null && { result: JSON.parse(result as string) }),
    ...(error !== null && { error: JSON.parse(error as string) }),
    ...(reason !== null && { reason: reason as NonNullable<JobStatus['reason']> }),
    ...(endedAt !== null && { endedAt: toTime(endedAt) }),
  }
}

/** The figures of queues, in the order asked for. */
export async function getStats(session: Session, queues: readonly string[]): Promise<readonly QueueStats[]> {
  if (queues.length === 0) return []
  const rows = await session.ask(
    'tell figures',
    `SELECT w.queue,
      count(j.seq) FILTER (WHERE j.state IN ('queued', 'running') AND j.due_at <= statement_timestamp()),
      count(j.seq) FILTER (WHERE j.state = 'queued' AND j.due_at > statement_timestamp()),
      count(j.seq) FILTER (WHERE j.state = 'running' AND j.due_at > statement_timestamp()),
      count(j.seq) FILTER (WHERE j.state = 'dead'),
      ${ms(
        `statement_timestamp() - min(j.place) FILTER (WHERE j.state IN ('queued', 'running') AND j.due_at <= statement_timestamp())`,
      )},
      w.queue IN (SELECT p.queue FROM ${session.s}.paused_queue p)
    FROM unnest($1::text[]) AS w(queue) LEFT JOIN ${session.s}.job j ON j.queue = w.queue
    GROUP BY w.queue`,
    [queues],
  )
  const byQueue = new Map(rows.map((row) => [row[0] as string, row]))
  return queues.map((queue) => {
    const [, ready, delayed, active, dead, age, paused] = byQueue.get(queue) ?? []
    return {
      queue,
      ready: Number(ready ?? 0),
      delayed: Number(delayed ?? 0),
      active: Number(active ?? 0),
      dead: Number(dead ?? 0),
      oldestAgeMs: Math.max(0, toTime(age ?? 0)),
      paused: isTrue(paused),
    }
  })
}

/** The names of all queues that have jobs, dead ones included, or are paused; one probe of an index each. */
export async function getQueues(session: Session): Promise<string[]> {
  const rows = await session.ask(
    'list queues',
    `WITH RECURSIVE q AS (
      (SELECT queue FROM ${session.s}.job ORDER BY queue LIMIT 1)
      UNION ALL
      SELECT (SELECT j.queue FROM ${session.s}.job j WHERE j.queue > q.queue ORDER BY j.queue LIMIT 1)
      FROM q WHERE q.queue IS NOT NULL
    )
    SELECT queue FROM q WHERE queue IS NOT NULL UNION SELECT queue FROM ${session.s}.paused_queue ORDER BY 1`,
  )
  return rows.map(([queue]) => queue as string)
}

/** The runs of a job's handler, oldest first, at most 1,000. */
export async function getExecutions(session: Session, id: string): Promise<readonly Execution[]> {
  const rows = await session.ask(
    'list executions',
    `SELECT job_id, attempt, outcome, ${ms('started_at')}, ${ms('ended_at')}, worker_id, error
    FROM ${session.s}.execution WHERE job_id = $1 ORDER BY ended_at LIMIT ${MAX_EXECUTIONS}`,
    [id],
  )
  return rows.map(([jobId, attempt, outcome, startedAt, endedAt, workerId, error]) => ({
    jobId: jobId as string,
    attempt: Number(attempt),
    outcome: outcome as Execution['outcome'],
    startedAt: toTime(startedAt),
    endedAt: toTime(endedAt),
    ...(workerId !== null && { workerId: workerId as string }),
    ...(error !== null && { error: JSON.parse(error as string) }),
  }))
}
