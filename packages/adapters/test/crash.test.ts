import { expect, test, vi } from 'vitest'
import { describe, runCrashes } from './crash/run.ts'
import { RUNTIMES } from './runtimes.ts'

// Less than 20 s on a quiet machine.
vi.setConfig({ testTimeout: 60_000 })

test('workers in Node, Deno and Bun are killed and the server crashes: no job is lost, none takes effect twice, attempts are honest', async () => {
  const report = await runCrashes({
    jobs: 300,
    ms: 300,
    fleet: RUNTIMES,
    hurtEveryMs: 500,
    leaseMs: 2_000,
    restartAfter: [2],
    until: { hurts: 6 },
  })
  console.log(describe(report))
  expect(report.violations).toEqual([])
  expect(report.done + report.exhausted + report.crashed).toBe(300)
  expect([report.kills, report.sleeps, report.restarts, report.exits]).toEqual([4, 2, 1, [0, 0, 0]])
  for (const runtime of RUNTIMES) expect([runtime, report.cutOff[runtime]]).not.toEqual([runtime, 0])
  expect(report.mostErrorLines).toBeLessThan(200)
})

test('on BullMQ, a worker is killed and Redis crashes: no job is lost, none takes effect twice, attempts are honest', async () => {
  const report = await runCrashes({
    store: 'redis',
    jobs: 45,
    ms: 150,
    fleet: ['node'],
    hurtEveryMs: 200,
    leaseMs: 1_000,
    restartAfter: [2],
    until: { hurts: 3 },
  })
  console.log(describe(report))
  expect(report.violations).toEqual([])
  expect(report.done + report.exhausted + report.crashed).toBe(45)
  expect([report.kills, report.sleeps, report.restarts, report.exits]).toEqual([2, 1, 1, [0]])
  expect(report.cutOff.node).toBeGreaterThan(0)
  expect(report.mostErrorLines).toBeLessThan(200)
})
