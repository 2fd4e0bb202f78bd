import type { Delivery, Outcome, StoredJob } from '../src/broker.ts'

/** Where the jobs of `toDelivery` were enqueued, ms since the epoch: where the fake clock stands at first. */
export const ENQUEUED_AT = 1_700_000_000_000

/** A delivery of a job, as a broker would hand it over. */
export function toDelivery(name: string, data: unknown = null, job: Partial<StoredJob> = {}): Delivery {
  return {
    job: {
      id: '42',
      name,
      queue: 'default',
      priority: 'normal',
      attempt: 1,
      crashes: 0,
      enqueuedAt: ENQUEUED_AT,
      dueAt: ENQUEUED_AT,
      payload: { text: JSON.stringify(data) },
      ...job,
    },
    token: undefined,
    leaseUntil: Number.POSITIVE_INFINITY,
  }
}

/** The code of the error in an outcome; undefined where it has none. */
export function codeOf(outcome: Outcome): unknown {
  const error: unknown = 'error' in outcome ? outcome.error : undefined
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

/** The message of the error in an outcome. */
export function messageOf(outcome: Outcome): string {
  return 'error' in outcome && outcome.error instanceof Error ? outcome.error.message : ''
}
