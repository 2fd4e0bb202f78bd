import { expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'
import { describe, runChaos } from './chaos/run.ts'

const JOBS = 4_000

test.each(['deno', 'bun'] as const)('4,000 jobs in %s, of which 56 end their isolates', async (runtime) => {
  const report = await runChaos({
    runtime,
    jobs: JOBS,
    ms: 40,
    dose: {
      exit: 10,
      abort: 5,
      kill: 8,
      segfault: 4,
      heap: 4,
      buffers: 4,
      loop: 2,
      freeze: 2,
      uncaught: 8,
      reject: 9,
    },
    hurtEveryMs: 1_500,
  })
  console.log(describe(report))
  expect(report.violations).toEqual([])
  expect(report.done + report.exhausted + report.crashed).toBe(JOBS)
  expect(report.crashed).toBe(2)
  expect(report.deadHeard).toBe(report.exhausted + report.crashed)
  expect(report.kills + report.stops).toBeGreaterThanOrEqual(5)
  expect([report.exit, report.left]).toEqual([0, []])
  expect(report.errors).toContain('nobody awaits this')
  recordFigure(`Isolates in ${runtime}: jobs that end them in every way`, describe(report))
})
