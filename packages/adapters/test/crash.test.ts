import { expect, test, vi } from 'vitest'
import { describe, runCrashes } from './crash/run.ts'

// Less than 20 s on a quiet machine.
vi.setConfig({ testTimeout: 60_000 })

test('workers are killed and the server crashes: no job is lost, none takes effect twice, attempts are honest', async () => {
  const report = await runCrashes({
    jobs: 500,
    ms: 80,
    workers: 2,
    hurtEveryMs: 800,
    leaseMs: 2_000,
    restartAfter: [2],
    until: { hurts: 6 },
  })
  console.log(describe(report))
  expect(report.violations).toEqual([])
  expect(report.done + report.exhausted + report.crashed).toBe(500)
  expect([report.kills, report.sleeps, report.restarts, report.exits]).toEqual([4, 2, 1, [0, 0]])
  expect(report.mostErrorLines).toBeLessThan(200)
})
