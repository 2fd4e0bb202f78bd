import type { Priority } from '@isobar/core'

/** The platform's queues, in the order in which a worker reads them: what somebody waits for goes first. */
export const QUEUES = [
  'email:processing:high',
  'email:processing',
  'email:processing:low',
  'email-sending:high',
  'email-sending',
  'email-sending:low',
  'warmup:process',
  'bounce:process',
  'analytics:daily-aggregate',
  'webhook:process',
  'invoice:render',
  'import:csv',
] as const

/** The name of one of the platform's queues. */
export type QueueName = (typeof QUEUES)[number]

/** Kinds of work that have a queue for each priority. */
export type LanedQueue = 'email:processing' | 'email-sending'

/**
 * The queue for a kind of work at a priority. Each priority has a queue of its own, as it would on brokers that know no
 * priorities, so that one list of names serves on every platform.
 */
export function toQueue(kind: LanedQueue, priority: Priority): QueueName {
  return priority === 'normal' ? kind : `${kind}:${priority}`
}
