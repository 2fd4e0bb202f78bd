import { type EnvelopeJob, encodeEnvelope } from '@isobar/core/codec'
import type { TestMessage } from './open-workerd.ts'

/** The messages of a test, as the platform would hand them over. */
export function toMessage(body: unknown, more: Partial<TestMessage> = {}): TestMessage {
  return { id: `message-${++last}`, timestamp: new Date(), attempts: 1, body, ...more }
}

/** A job in its envelope. */
export function toJobMessage(
  data: unknown,
  { attempts = 1, ...job }: Partial<EnvelopeJob> & { readonly attempts?: number } = {},
): TestMessage {
  const id = job.id ?? `job-${++last}`
  const now = Date.now()
  const body = encodeEnvelope({
    ...{ name: 'act', queue: 'jobs', priority: 'normal', enqueuedAt: now, dueAt: now, text: JSON.stringify(data) },
    ...job,
    id,
  })
  return toMessage(body, { id: `m:${id}`, attempts })
}

let last = 0
