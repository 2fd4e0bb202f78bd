import type { Delivery, Payload, StoredJob } from '@isobar/core'
import { byteLength } from './byte-length.ts'
import { type Keep, readOpts } from './job-opts.ts'
import type { Scheduled } from './job-schedulers.ts'
import { type Bases, toId } from './keys.ts'
import type { BullmqSettings } from './options.ts'
import { toPriority } from './priorities.ts'

/** The fencing token: the lock of this delivery, and what settling it needs to know of the job. */
export interface Token {
  readonly id: string
  readonly lock: string
  /** What its producer said of keeping it. */
  readonly keep: Keep | undefined
}

/** The token of a delivery of ours. */
export const tokenOf = (delivery: Delivery): Token => delivery.token as Token

/** A delivery as three values of a script: queue, id and lock. */
export function toHold(delivery: Delivery, bases: Bases): [number, string, string] {
  const { id, lock } = tokenOf(delivery)
  return [bases.place(delivery.job.queue), id, lock]
}

/** A row of `lua/claim.ts`. */
export type Row = readonly [queue: number, id: string, lock: string, fields: readonly string[]]

/**
 * A claimed job. `failure`: BullMQ wants it to be failed, not run, as the parent of a job that failed. `scheduled`: a job
 * scheduler made it.
 */
export interface Claimed {
  readonly delivery: Delivery
  readonly failure?: string
  readonly scheduled?: Scheduled
}

type Writable<Of> = { -readonly [Key in keyof Of]: Of[Key] }

/** What BullMQ writes to a job whose lock ended too often by its count. Here the worker decides, by `crashes`. */
const STALLED = 'job stalled more than allowable limit'

/** A row as a delivery. `queues`: those asked for, in the order of the keys. */
export function toClaimed(row: Row, queues: readonly string[], leaseUntil: number, settings: BullmqSettings): Claimed {
  const [place, id, lock, flat] = row
  const queue = queues[place - 2] as string
  const fields = toFields(flat)
  const { delayMs, trace, keep } = readOpts(fields.opts)
  const enqueuedAt = Number(fields.timestamp)
  const due = fields['isobar:due']
  const tenant = fields['isobar:tenant']
  const job: Writable<StoredJob> = {
    id: toId(queue, id),
    name: fields.name ?? '',
    queue,
    priority: toPriority(Number(fields.priority ?? 0), settings.priorities),
    attempt: Number(fields.atm ?? 0) + 1,
    crashes: Number(fields.stc ?? 0),
    enqueuedAt,
    dueAt: due === undefined ? enqueuedAt + delayMs : Number(due),
    payload: toPayload(fields.data ?? 'null', settings.can.maxBytes),
  }
  if (tenant !== undefined) job.tenant = tenant
  if (trace !== undefined) job.trace = trace
  const token: Token = { id, lock, keep }
  const delivery: Delivery = { job, token, leaseUntil }
  const { rjk: scheduler, defa: failure, name = '', data = '', opts = '' } = fields
  return {
    delivery,
    ...(failure !== undefined && failure !== STALLED && { failure }),
    ...(scheduler !== undefined && { scheduled: { queue, id, name, data, opts, scheduler } }),
  }
}

/** The fields of a job's hash that make a delivery; others may be there. */
interface Fields {
  name?: string
  data?: string
  opts?: string
  timestamp?: string
  priority?: string
  atm?: string
  stc?: string
  defa?: string
  rjk?: string
  'isobar:tenant'?: string
  'isobar:due'?: string
}

function toFields(flat: readonly string[]): Fields {
  const fields: Record<string, string | undefined> = {}
  for (let at = 0; at < flat.length; at += 2) fields[flat[at] as string] = flat[at + 1]
  return fields
}

/** Data as they are stored. Those of other producers may be larger than ours take. */
export function toPayload(data: string, maxBytes: number): Payload {
  const bytes = byteLength(data, maxBytes)
  if (bytes <= maxBytes) return { text: data }
  return {
    bytes: new TextEncoder().encode(data),
    problem: `it has ${bytes} bytes, over the limit of ${maxBytes}`,
    oversized: true,
  }
}
