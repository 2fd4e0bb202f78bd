import { setTimeout } from 'node:timers/promises'
import { createProducer } from '@isobar/core/producer'
import { expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'
import { startServer } from '../../../scripts/services/postgres-server.ts'
import { type PostgresBroker, postgres } from '../src/postgres/index.ts'
import { soak } from './soak/jobs.ts'
import type { Reading } from './soak/reading.ts'
import { describeSize, readTableSize, type TableSize } from './soak/table-size.ts'
import { launchWorker, type WorkerProcess } from './worker-process.ts'

const JOBS = 1_000_000
/** Jobs that are enqueued, 20,000 of them waiting at a time, before the worker may come to rest and is weighed. */
const WAVE = 50_000
const QUEUED = 20_000
/** The worker says how far it is after so many. */
const STEP = 1_000
const TEXT = 'x'.repeat(500)

/** Jobs after which the table is measured. */
const MARKS: readonly number[] = [100_000, 500_000, JOBS]

/** The engine without its compilers, whose own memory moves by some 0.2 B a job over such a run. */
const EXACT = ['--expose-gc', '--no-opt', '--no-maglev', '--no-sparkplug', '--no-lazy-feedback-allocation']

/** Bytes that a job may leave behind. */
const LIMIT_BYTES = 0.1

/**
 * How many times what passes between two vacuums the table may take. The server vacuums once a minute; until then it keeps
 * of each job its row as it was enqueued and as it was claimed. So the size goes with the speed and not with the count.
 */
const LIMIT_BLOAT = 1.5
const VACUUM_EVERY_MS = 60_000

test('a million jobs through one worker: the table stays small, and the worker weighs what it weighed', async () => {
  // With PostgreSQL's own settings: on a server without autovacuum, as some machines have it, nothing bounds the table.
  await using server = await startServer()
  await using broker = postgres(server.url)
  await broker.ready()
  await enqueue(broker, QUEUED)
  const sizes = new Map<number, TableSize>([[0, await readTableSize(server.url)]])
  await using worker = launchWorker('soak-worker.ts', [server.url], EXACT)
  await worker.said('serving')

  const times = [performance.now()]
  const readings: Reading[] = []
  let enqueued = QUEUED
  for (let settled = STEP; settled <= JOBS; settled += STEP) {
    await worker.said(`settled ${settled} jobs`)
    times.push(performance.now())
    const isRest = settled % WAVE === 0
    if (isRest) readings.push(await weigh(worker, broker, settled))
    if (MARKS.includes(settled)) sizes.set(settled, await readTableSize(server.url))
    const end = Math.min(isRest ? settled + WAVE : Math.ceil(settled / WAVE) * WAVE, JOBS)
    const missing = Math.min(settled + QUEUED, end) - enqueued
    await enqueue(broker, missing)
    enqueued += missing
  }
  worker.kill('SIGTERM')
  expect(await worker.exit).toBe(0)
  expect(worker.lines.at(-1)).toBe(`stopped ${JOBS}`)
  expect(worker.errors).toBe('')

  for (const [jobs, size] of sizes)
    recordFigure(`Postgres: table after ${jobs.toLocaleString('en')} jobs`, describeSize(size))
  const total = (jobs: number): number => {
    const { table = 0, indexes = 0 } = sizes.get(jobs) ?? {}
    return table + indexes
  }
  const passing = mostWithin(times, VACUUM_EVERY_MS) * STEP * 2 * (total(0) / QUEUED)
  expect(total(JOBS) / passing).toBeLessThan(LIMIT_BLOAT)

  const warm = readings.filter(({ jobs }) => jobs >= 100_000)
  const [first, last] = [warm.slice(0, 5), warm.slice(-5)]
  const of = (part: readonly Reading[], what: keyof Reading): number => median(part.map((reading) => reading[what]))
  const perJob = (of(last, 'bytes') - of(first, 'bytes')) / (of(last, 'jobs') - of(first, 'jobs'))
  const rss = of(last, 'rss') / of(first, 'rss')
  recordFigure(
    `Heap + external a job, worker on Postgres, jobs 100,000 to ${JOBS.toLocaleString('en')}, exact mode`,
    `${perJob.toFixed(3)} B`,
  )
  recordFigure('Postgres: RSS of that worker at the end beside that after 100,000', `${((rss - 1) * 100).toFixed(1)} %`)
  expect(perJob).toBeLessThan(LIMIT_BYTES)
  expect(rss).toBeLessThan(1.05)
})

let next = 0

async function enqueue(broker: PostgresBroker, count: number): Promise<void> {
  const data = Array.from({ length: count }, () => ({ n: next++, text: TEXT }))
  await createProducer(broker).enqueueMany(soak, data)
}

/** Weighs a worker that has nothing to do: what is on its way would count as much as a leak. */
async function weigh(worker: WorkerProcess, broker: PostgresBroker, settled: number): Promise<Reading> {
  for (let left = 1; left > 0; await setTimeout(50)) {
    const [stats] = await broker.stats([soak.queue])
    left = stats ? stats.ready + stats.delayed + stats.active : 0
  }
  worker.tell('weigh')
  const line = await worker.said(`after ${settled} jobs`)
  return JSON.parse(line.slice(line.indexOf('{')))
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** The most of these times, in order, that lie within a span of `ms`. */
function mostWithin(times: readonly number[], ms: number): number {
  let most = 0
  let first = 0
  for (const [at, time] of times.entries()) {
    while (time - (times[first] ?? time) > ms) first++
    most = Math.max(most, at - first + 1)
  }
  return most
}
