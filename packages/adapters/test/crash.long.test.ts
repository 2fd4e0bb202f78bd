import { expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'
import { describe, runCrashes } from './crash/run.ts'

test('5,000 jobs, a worker killed every second, the server crashed twice', async () => {
  const jobs = 5_000
  const report = await runCrashes({
    jobs,
    ms: 150,
    workers: 3,
    hurtEveryMs: 1_000,
    leaseMs: 2_000,
    restartAfter: [10, 20],
    until: { left: 250 },
  })
  expect(report.violations).toEqual([])
  expect(report.done + report.exhausted + report.crashed).toBe(jobs)
  expect([report.restarts, report.exits]).toEqual([2, [0, 0, 0]])
  expect(report.kills).toBeGreaterThan(20)
  expect(report.crashed).toBeLessThan(jobs / 100)
  recordFigure(
    `Postgres: ${jobs.toLocaleString('en')} jobs on 3 worker processes, one killed every second`,
    describe(report),
  )
})
