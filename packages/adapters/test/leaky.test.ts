import { expect, test } from 'vitest'
import { LEAKS } from './leaky/jobs.ts'
import { describe, LEAKY_MEMORY, runLeaky } from './leaky/run.ts'

const JOBS = 4_500

// One after the other: each has the machine's cores to itself.
test.each(LEAKS)('100 KB a job of %s: isolates are replaced before they hurt, and no job knows', async (leak) => {
  const report = await runLeaky(leak, JOBS)
  console.log(describe(report))
  expect(report.counts).toEqual({ done: JOBS, retried: 0, dead: 0, released: 0, lost: 0 })
  expect([report.starts, report.repeats]).toEqual([JOBS, 0])
  expect(report.mostRss).toBeLessThan(LEAKY_MEMORY)
  expect(report.recycles.length).toBeGreaterThanOrEqual(1)
  for (const { cause, why } of report.recycles) expect([cause, why?.reason]).toEqual(['memory', 'memory'])
})
