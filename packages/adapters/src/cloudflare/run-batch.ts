import { type Outcome, type Sender, ShutdownError } from '@isobar/core'
import type { QueueDelivery } from './delivery.ts'
import type { InvocationExecutor, Started } from './executor.ts'

/** What a batch is run with. */
export interface BatchHost {
  readonly executor: InvocationExecutor
  readonly sender: Sender
  /** Jobs at once. */
  readonly concurrency: number
  readonly wallClockMs: number
  /** How long a job has that is aborted when the time is up, in ms. */
  readonly graceMs: number
  /** An outcome that is known before it is run. */
  foregone(delivery: QueueDelivery): Outcome | undefined
  /** Never rejects. */
  settle(delivery: QueueDelivery, outcome: Outcome): Promise<void>
}

/** Runs a batch, a few jobs at a time, until each is settled. What has not begun when the time is up is handed back. */
export async function runBatch(deliveries: readonly QueueDelivery[], host: BatchHost): Promise<void> {
  const { executor, sender, concurrency, wallClockMs, graceMs, foregone, settle } = host
  const running = new Map<Started, QueueDelivery>()
  const rest = deliveries.values()
  let isOver = false
  let onOver = (): void => {}
  const over = new Promise<void>((resolve) => {
    onOver = resolve
  })
  const timer = setTimeout(() => {
    isOver = true
    onOver()
    for (const [started, { job }] of running) started.abort(new ShutdownError(job), graceMs)
  }, wallClockMs)

  const run = async (delivery: QueueDelivery): Promise<void> => {
    const known: Outcome | undefined = isOver ? { kind: 'release' } : foregone(delivery)
    if (known) return settle(delivery, known)
    const started = executor.start(delivery, { sender })
    running.set(started, delivery)
    const outcome = await started.outcome
    running.delete(started)
    await settle(delivery, outcome)
    // What was given up and goes on keeps its place, as everywhere; but not beyond the time that there is.
    await Promise.race([started.ended(), over])
  }
  const runAll = async (): Promise<void> => {
    for (const delivery of rest) await run(delivery)
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, runAll))
  } finally {
    clearTimeout(timer)
  }
}
