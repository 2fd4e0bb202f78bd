import type { Delivery, Payload, Priority, StoredJob } from '@isobar/core'
import { type Frame, toFrame } from './frames.ts'

/** A job without its payload, in this order. What is as usual is left out at the end. */
type JobHead = [
  id: string,
  name: string,
  queue: string,
  enqueuedAt: number,
  dueAt: number,
  attempt: number,
  crashes: number,
  priority: Priority,
  tenant: string | null,
  trace: string | null,
  payload?: 'value' | { readonly problem: string; readonly oversized: boolean },
]

/** A delivery as a frame. The payload goes as the text it is; only one that is no text is encoded. */
export function toJobFrame(n: number, job: StoredJob): string {
  const { payload } = job
  const head: JobHead = [
    job.id,
    job.name,
    job.queue,
    job.enqueuedAt,
    job.dueAt,
    job.attempt,
    job.crashes,
    job.priority,
    job.tenant ?? null,
    job.trace ?? null,
  ]
  if ('text' in payload) return toFrame('job', n, JSON.stringify(head), payload.text)
  if ('value' in payload) {
    head.push('value')
    return toFrame('job', n, JSON.stringify(head), JSON.stringify(payload.value ?? null))
  }
  head.push({ problem: payload.problem, oversized: payload.oversized ?? false })
  return toFrame('job', n, JSON.stringify(head), Buffer.from(payload.bytes).toString('base64'))
}

/** The delivery in a frame. It has no token: settling is the supervisor's. */
export function fromJobFrame({ head, body }: Pick<Frame, 'head' | 'body'>): Delivery {
  const [id, name, queue, enqueuedAt, dueAt, attempt, crashes, priority, tenant, trace, kind]: JobHead =
    JSON.parse(head)
  return {
    job: {
      id,
      name,
      queue,
      priority,
      attempt,
      crashes,
      enqueuedAt,
      dueAt,
      ...(tenant !== null && { tenant }),
      ...(trace !== null && { trace }),
      payload: toPayload(kind, body),
    },
    token: undefined,
    leaseUntil: Number.POSITIVE_INFINITY,
  }
}

function toPayload(kind: JobHead[10], body: string): Payload {
  if (kind === undefined) return { text: body }
  if (kind === 'value') return { value: JSON.parse(body) }
  const { problem, oversized } = kind
  return { bytes: new Uint8Array(Buffer.from(body, 'base64')), problem, ...(oversized && { oversized }) }
}
