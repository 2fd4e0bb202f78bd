import { createMemoryBroker } from '@isobar/core/memory'
import { NO_COUNTS } from '../../ledger.ts'
import { DEFAULT_JOBS, DEFAULT_SEED } from '../../trace.ts'
import type { Engine, Send } from '../engine.ts'

/** Finished jobs that the broker remembers. */
const RETAIN = 100

/** Dead letters left with the broker: its memory is the demo's. */
const KEEP_DEAD = 20

/** Everything in this process: each start is a new run. */
export async function openMemory(): Promise<Engine> {
  const broker = createMemoryBroker({ retain: RETAIN })
  return {
    broker,
    keepDead: KEEP_DEAD,
    openRun: async ({ jobs = DEFAULT_JOBS, seed = DEFAULT_SEED }, send: Send = (specs) => broker.send(specs)) => ({
      jobs,
      seed,
      starts: 1,
      from: { fed: 0, counts: NO_COUNTS, crashed: { jobs: 0, times: 0 }, open: [] },
      feed: async (specs) => void (await send(specs)),
    }),
    close: async () => broker[Symbol.asyncDispose](),
  }
}
