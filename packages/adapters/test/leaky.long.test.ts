import { expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'
import { LEAKS } from './leaky/jobs.ts'
import { describe, LEAKY_MEMORY, runLeaky } from './leaky/run.ts'

const JOBS = 20_000

test.each(LEAKS)('20,000 jobs that leak 100 KB of %s each', async (leak) => {
  const report = await runLeaky(leak, JOBS)
  expect(report.counts).toEqual({ done: JOBS, retried: 0, dead: 0, released: 0, lost: 0 })
  expect([report.starts, report.repeats]).toEqual([JOBS, 0])
  expect(report.mostRss).toBeLessThan(LEAKY_MEMORY)
  expect(report.recycles.length).toBeGreaterThanOrEqual(8)
  for (const { cause, why } of report.recycles) expect([cause, why?.reason]).toEqual(['memory', 'memory'])
  recordFigure(`Isolates: ${JOBS.toLocaleString('en')} jobs that leak 100 KB each`, describe(report))
})
