import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { HookEvents } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import type { WorkerCounts } from '@isobar/core/worker'
import { serve } from '../../src/node/index.ts'
import { readRss } from '../../src/processes/isolates/rss.ts'
import { readJournal } from '../crash/journal.ts'
import { type Leak, leaky } from './jobs.ts'

/** Memory of an isolate. */
export const LEAKY_MEMORY = 256_000_000

/** How often their resident memory is looked at, in ms, beside what the pool itself reads. */
const SAMPLE_MS = 50

/** What came of it. */
export interface LeakyReport {
  readonly leak: Leak
  readonly counts: WorkerCounts
  /** Starts of handlers, and how many of them were not the first of their job. */
  readonly starts: number
  readonly repeats: number
  readonly recycles: readonly HookEvents['recycle'][]
  /** The most resident memory of any isolate, in bytes. */
  readonly mostRss: number
  readonly seconds: number
}

/** Runs jobs that leak in two isolates of 256 MB. */
export async function runLeaky(leak: Leak, jobs: number): Promise<LeakyReport> {
  await using cleanup = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'isobar-leaky-'))
  cleanup.defer(() => rmSync(folder, { recursive: true }))
  process.env['LEAKY_FOLDER'] = folder
  const broker = createMemoryBroker()
  const recycles: HookEvents['recycle'][] = []
  const server = cleanup.use(
    await serve(new URL('../fixtures/leaky-app.ts', import.meta.url), {
      broker,
      signals: false,
      isolates: { size: 2, memory: LEAKY_MEMORY, jobs: Number.POSITIVE_INFINITY },
      on: { recycle: (event) => recycles.push(event) },
    }),
  )
  const started = performance.now()
  await createProducer(broker).enqueueMany(
    leaky,
    Array.from({ length: jobs }, () => leak),
  )
  let mostRss = 0
  const over = ({ done, dead }: WorkerCounts): boolean => done + dead >= jobs
  while (!over(server.worker.health().counts)) {
    for (const { pid = 0 } of server.worker.health().executor.pool?.isolates ?? [])
      mostRss = Math.max(mostRss, readRss(pid) ?? 0)
    await setTimeout(SAMPLE_MS)
  }
  const seconds = (performance.now() - started) / 1_000
  const { counts } = server.worker.health()
  const ids = readJournal(folder).map(({ id }) => id)
  return {
    leak,
    counts,
    starts: ids.length,
    repeats: ids.length - new Set(ids).size,
    recycles: [...recycles],
    mostRss,
    seconds,
  }
}

/** In one line. */
export function describe({ leak, counts, starts, repeats, recycles, mostRss, seconds }: LeakyReport): string {
  const causes = [...Map.groupBy(recycles, ({ cause }) => cause)].map(([cause, all]) => `${all.length} for ${cause}`)
  const { done, retried, released, dead, lost } = counts
  return `${leak}: ${seconds.toFixed(0)} s, ${done} done, ${repeats} of ${starts} starts repeated, ${retried} charged, ${dead} dead, ${released} handed back, ${lost} lost; isolates replaced: ${causes.join(', ')}; at most ${(mostRss / 1e6).toFixed(0)} MB of ${LEAKY_MEMORY / 1e6}`
}
