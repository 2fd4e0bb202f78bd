import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'

const SOAK = fileURLToPath(new URL('fixtures/soak.ts', import.meta.url))
const JOBS = 1_000_000

/** The engine without its compilers, whose own memory moves by some 0.2 B a job over such a run. */
const EXACT = ['--expose-gc', '--no-opt', '--no-maglev', '--no-sparkplug', '--no-lazy-feedback-allocation']

/** Bytes that a job may leave behind. */
const LIMIT_BYTES = 0.1

interface Reading {
  readonly jobs: number
  readonly bytes: number
  readonly rss: number
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

test('a worker that has run a million jobs weighs what it weighed after 100,000', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [...EXACT, SOAK, String(JOBS)], {
    maxBuffer: 2 ** 24,
  })
  const { settled, readings, counts }: { settled: number; readings: Reading[]; counts: { done: number } } =
    JSON.parse(stdout)
  expect(counts.done).toBe(settled)
  const warm = readings.filter(({ jobs }) => jobs >= 100_000)
  const [first, last] = [warm.slice(0, 10), warm.slice(-10)]
  const bytes = (part: readonly Reading[]): number => median(part.map((reading) => reading.bytes))
  const perJob =
    (bytes(last) - bytes(first)) / (median(last.map(({ jobs }) => jobs)) - median(first.map(({ jobs }) => jobs)))
  const rss = median(last.map((reading) => reading.rss)) / median(first.map((reading) => reading.rss))
  recordFigure(
    `Heap + external a job, worker on the memory broker, jobs 100,000 to ${JOBS.toLocaleString('en')}, exact mode`,
    `${perJob.toFixed(3)} B`,
  )
  recordFigure('RSS after 1,000,000 jobs beside that after 100,000', `${((rss - 1) * 100).toFixed(1)} %`)
  expect(perJob).toBeLessThan(LIMIT_BYTES)
  expect(rss).toBeLessThan(1.05)
})
