import type { Delivery, Payload, StoredJob, Want } from '@isobar/core'
import { PRIORITIES } from '@isobar/core/codec'
import { toArrayLiteral } from './array-literal.ts'
import type { Row } from './database.ts'

/** The fencing token: `seq` tells this job from an earlier one with its id, `delivery` this claim from those before. */
export interface Token {
  readonly seq: string
  readonly delivery: number
}

/** The index of the usual priority. */
const NORMAL = PRIORITIES.indexOf('normal')

/**
 * Leases what `due` has locked. What a job has in common with most others is NULL in the answer, which spares the driver
 * the reading: the first queue, priority normal, attempt 1, no crashes, due and placed when it was enqueued, delivery 1.
 */
export const claimStatement = (s: string): string => `
UPDATE ${s}.job AS j SET
  state = 'running',
  due_at = statement_timestamp() + $4::float8 * interval '1 ms',
  delivery = j.delivery + 1,
  crashes = j.crashes + (j.state = 'running')::integer,
  worker_id = $5,
  progress = NULL,
  holds = j.holds AND j.dedupe <> 'queued'
WHERE j.ctid = ANY ((SELECT ${s}.due($1::text[], $2, $3))::tid[])
RETURNING j.id, j.name, nullif(j.queue, ($1::text[])[1]), nullif(j.priority, 1::smallint), nullif(j.attempt, 1),
  nullif(j.crashes, 0), date_part('epoch', j.enqueued_at) * 1000,
  CASE WHEN j.first_due <> j.enqueued_at THEN date_part('epoch', j.first_due) * 1000 END,
  CASE WHEN j.place <> j.enqueued_at THEN date_part('epoch', j.place) * 1000 END,
  j.tenant, j.seq, nullif(j.delivery, 1), j.payload, encode(j.raw, 'base64'), j.problem, j.trace`

/** The arguments of a claim of at most so many jobs. */
export function toClaimValues({ queues, max, leaseMs, workerId }: Want, most: number): unknown[] {
  const room = Math.min(Math.floor(max), most)
  return [
    toArrayLiteral(queues.map((queue) => queue.name)),
    toArrayLiteral(queues.map((queue) => Math.max(0, Math.min(Math.floor(queue.max) || 0, room)))),
    room,
    leaseMs,
    workerId,
  ]
}

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

/** A claimed job and where it stands in line. */
interface Claimed {
  readonly delivery: Delivery
  readonly rank: number
  readonly place: number
  readonly seq: number
}

/** Rows of a claim as deliveries, in the order in which they are to run. */
export function toDeliveries(rows: readonly Row[], { queues }: Want, leaseUntil: number): Delivery[] {
  const ranks = new Map(queues.map((queue, rank) => [queue.name, rank]))
  const first = queues[0]?.name ?? ''
  const claimed = rows.map((row): Claimed => {
    const delivery = toDelivery(row, first, leaseUntil)
    return {
      delivery,
      rank: (ranks.get(delivery.job.queue) ?? 0) * PRIORITIES.length + Number(row[3] ?? NORMAL),
      place: Number(row[8] ?? row[6]),
      seq: Number(row[10]),
    }
  })
  claimed.sort((a, b) => a.rank - b.rank || a.place - b.place || a.seq - b.seq)
  return claimed.map(({ delivery }) => delivery)
}

/** What is NULL in a row is as usual: see `claimStatement`. */
function toDelivery(row: Row, firstQueue: string, leaseUntil: number): Delivery {
  const [id, name, queue, priority, attempt, crashes, enqueued, firstDue, , tenant, seq, delivery, text] = row
  const enqueuedAt = toTime(enqueued)
  const job: Writable<StoredJob> = {
    id: id as string,
    name: name as string,
    queue: (queue ?? firstQueue) as string,
    priority: PRIORITIES[Number(priority ?? NORMAL)] ?? 'normal',
    attempt: Number(attempt ?? 1),
    crashes: Number(crashes ?? 0),
    enqueuedAt,
    dueAt: firstDue === null ? enqueuedAt : toTime(firstDue),
    payload: text === null ? toPayload(text, row[13], row[14]) : { text: text as string },
  }
  if (tenant !== null) job.tenant = tenant as string
  if (row[15] != null) job.trace = row[15] as string
  const token: Token = { seq: String(seq), delivery: Number(delivery ?? 1) }
  return { job, token, leaseUntil }
}

/** Ms since the epoch, of a column in microseconds. */
export const toTime = (value: unknown): number => Math.floor(Number(value))

/** A payload of its columns: text, base64 of what could not be read, and why. */
export function toPayload(text: unknown, raw: unknown, problem: unknown): Payload {
  if (text !== null) return { text: text as string }
  return { bytes: new Uint8Array(Buffer.from(raw as string, 'base64')), problem: problem as string }
}
