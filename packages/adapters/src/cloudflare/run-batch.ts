import { type Outcome, type Sender, ShutdownError, TimeoutError } from '@isobar/core'
import type { QueueDelivery } from './delivery.ts'
import type { InvocationExecutor, Started } from './executor.ts'

/** Share of the wall clock that is as good as all of it. */
const WHOLE = 0.95

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
  const running = new Map<Started, { readonly job: QueueDelivery['job']; readonly since: number }>()
  const rest = [...deliveries]
  let isOver = false
  let free = (): void => {}
  const noNeed = new Promise<void>((resolve) => {
    free = resolve
  })
  const timer = setTimeout(() => {
    isOver = true
    free()
    const now = Date.now()
    for (const [started, { job, since }] of running) {
      // What had all the time that there is would have it again, and again: that is a timeout, and is charged.
      const hadAll = now - since >= wallClockMs * WHOLE
      started.abort(hadAll ? new TimeoutError(job, wallClockMs) : new ShutdownError(job), graceMs)
    }
  }, wallClockMs)

  const run = async (delivery: QueueDelivery): Promise<void> => {
    const known = foregone(delivery)
    if (known) return settle(delivery, known)
    const started = executor.start(delivery, { sender })
    running.set(started, { job: delivery.job, since: Date.now() })
    const outcome = await started.outcome
    running.delete(started)
    await settle(delivery, outcome)
    // What was given up and goes on keeps its place, as everywhere: while anybody waits for one, and there is time.
    await Promise.race([started.ended(), noNeed])
  }
  const runAll = async (): Promise<void> => {
    for (let next = rest.shift(); next; next = rest.shift()) {
      if (rest.length === 0) free()
      if (!isOver) await run(next)
      // All that is left at once: each is a message to be sent.
      else await Promise.all([next, ...rest.splice(0)].map((delivery) => settle(delivery, { kind: 'release' })))
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, runAll))
  } finally {
    clearTimeout(timer)
  }
}
