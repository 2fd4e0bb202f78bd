import type { JobSpec } from '@isobar/core'
import { type Trace, toJobSpec } from '../trace.ts'

/** Between two waves, in ms. */
export const TICK_MS = 200

/** What a generator is told. */
export interface GeneratorOptions {
  readonly trace: Pick<Trace, 'at'>
  /** The place in the trace of the first job. */
  readonly from: number
  /** Jobs a second. */
  readonly rate: number
  /** Enqueues jobs; the trace was fed so far then. */
  feed(specs: readonly JobSpec[], fed: number): Promise<void>
  /** Whether so much waits that nothing should be added. */
  isFull(): boolean
  /** Told when jobs could not be enqueued. They are tried again. */
  onError(error: unknown): void
}

/** Traffic without end. */
export interface Generator {
  /** The place in the trace of the next job. */
  readonly fed: number
  /** Enqueues no more. Resolves when the last wave is out. */
  stop(): Promise<void>
}

/** Enqueues the jobs of a trace at a rate, for as long as it is not stopped. While a queue is full none are made up for. */
export function startGenerator({ trace, from, rate, feed, isFull, onError }: GeneratorOptions): Generator {
  let fed = from
  let due = 0
  let feeding: Promise<void> | undefined
  const tick = async (): Promise<void> => {
    due += (rate * TICK_MS) / 1_000
    const jobs = Math.floor(due)
    due -= jobs
    if (jobs === 0 || isFull()) return
    const specs = Array.from({ length: jobs }, (_, at) => toJobSpec(trace.at(fed + at)))
    await feed(specs, fed + jobs)
    fed += jobs
  }
  const timer = setInterval(() => {
    feeding ??= tick()
      .catch(onError)
      .finally(() => {
        feeding = undefined
      })
  }, TICK_MS)
  return {
    get fed() {
      return fed
    },
    async stop() {
      clearInterval(timer)
      await feeding
    },
  }
}
