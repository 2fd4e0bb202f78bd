import type { JobSpec, Settlement } from '@isobar/core'

/** An ack whose follow-up jobs the broker can never take, as `check` says by throwing, becomes a dead letter. */
export function withPossibleFollowUps(settlement: Settlement, check: (specs: readonly JobSpec[]) => void): Settlement {
  const { outcome } = settlement
  if (outcome.kind !== 'ack' || !outcome.enqueue?.length) return settlement
  try {
    check(outcome.enqueue)
    return settlement
  } catch (error) {
    return { ...settlement, outcome: { kind: 'dead', error, reason: 'unrecoverable' } }
  }
}

/** Queues in which a batch leaves jobs that are due soon: the follow-ups', and those of what goes back. */
export function queuesOf(done: readonly Settlement[]): Set<string> {
  const queues = new Set<string>()
  for (const { delivery, outcome } of done) {
    if (outcome.kind === 'retry' || outcome.kind === 'release') queues.add(delivery.job.queue)
    if (outcome.kind === 'ack' && outcome.enqueue) for (const spec of outcome.enqueue) queues.add(spec.queue)
  }
  return queues
}
