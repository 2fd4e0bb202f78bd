import { expect, test, vi } from 'vitest'
import { describe, runChaos } from './chaos/run.ts'

// Less than 40 s on a quiet machine.
vi.setConfig({ testTimeout: 120_000 })

test('jobs that end their isolates in every way: none is lost, none takes effect twice, and only the culprits pay', async () => {
  const report = await runChaos({
    jobs: 2_000,
    ms: 40,
    dose: {
      exit: 5,
      abort: 2,
      kill: 4,
      segfault: 2,
      heap: 2,
      buffers: 2,
      loop: 1,
      freeze: 1,
      uncaught: 4,
      reject: 5,
    },
    hurtEveryMs: 1_500,
  })
  console.log(describe(report))
  expect(report.violations).toEqual([])
  expect(report.done + report.exhausted + report.crashed).toBe(2_000)
  expect(report.crashed).toBe(2)
  expect(report.deadHeard).toBe(report.exhausted + report.crashed)
  expect(report.kills + report.stops).toBeGreaterThanOrEqual(5)
  expect([report.exit, report.left]).toEqual([0, []])
  expect(report.errors).toContain('nobody awaits this')
})
