import { expect } from 'vitest'
import type { Broker, Delivery, JobSpec, Outcome } from '../src/broker.ts'

// The calls of a broker as tests of the memory broker make them: one queue, one worker.

export const spec = (over: Partial<JobSpec> = {}): JobSpec => ({
  name: 'n',
  queue: 'q',
  priority: 'normal',
  text: '1',
  delayMs: 0,
  ...over,
})

export function receive(broker: Broker, max = 10, leaseMs = 60_000): Promise<readonly Delivery[]> {
  const { signal } = new AbortController()
  return broker.receive({ queues: [{ name: 'q', max }], max, leaseMs, workerId: 'w', waitMs: 0, signal })
}

export async function settle(broker: Broker, delivery: Delivery | undefined, outcome: Outcome): Promise<void> {
  expect(await broker.settle([{ delivery: delivery as Delivery, outcome, startedAt: 0, endedAt: 0 }])).toEqual([])
}

export const ids = (deliveries: readonly Delivery[]): string[] => deliveries.map(({ job }) => job.id)
export const dead: Outcome = { kind: 'dead', reason: 'exhausted', error: new Error('x') }
