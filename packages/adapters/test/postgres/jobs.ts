import type { Delivery, JobSpec, Outcome, Settlement, Want } from '@isobar/core'

/** A job to enqueue; what a test does not say is plain. */
export const spec = (over: Partial<JobSpec> = {}): JobSpec => ({
  name: 'work',
  queue: 'default',
  priority: 'normal',
  delayMs: 0,
  text: '{}',
  ...over,
})

/** What to receive; what a test does not say is plain: up to 10 of `default`, leased for 30 s, without a wait. */
export const want = (over: Partial<Want> = {}): Want => {
  const max = over.max ?? 10
  return {
    queues: [{ name: 'default', max }],
    max,
    leaseMs: 30_000,
    workerId: 'test',
    waitMs: 0,
    signal: new AbortController().signal,
    ...over,
  }
}

/** A delivery whose handler ran, with its outcome. */
export const settled = (delivery: Delivery, outcome: Outcome): Settlement => {
  const now = Date.now()
  return { delivery, outcome, startedAt: now, endedAt: now }
}
