import { expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'
import { describe, runChaos } from './chaos/run.ts'

test('20,000 jobs, of which 300 end their isolates, while one is killed each second', async () => {
  const jobs = 20_000
  const report = await runChaos({
    jobs,
    ms: 40,
    dose: {
      exit: 50,
      abort: 25,
      kill: 50,
      segfault: 25,
      heap: 25,
      buffers: 25,
      loop: 5,
      freeze: 5,
      uncaught: 50,
      reject: 40,
    },
    hurtEveryMs: 1_000,
  })
  expect(report.violations).toEqual([])
  expect(report.done + report.exhausted + report.crashed).toBe(jobs)
  expect(report.crashed).toBe(2)
  expect(report.deadHeard).toBe(report.exhausted + report.crashed)
  expect([report.exit, report.left]).toEqual([0, []])
  recordFigure('Isolates: jobs that end them in every way', describe(report))
})
