import { expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'
import { describe, runCrashes } from './crash/run.ts'
import type { Store } from './crash/server.ts'
import { RUNTIMES, type RuntimeName } from './runtimes.ts'

interface Fleet {
  readonly store: Store
  readonly jobs: number
  readonly fleet: readonly RuntimeName[]
}

const FLEETS: readonly Fleet[] = [
  { store: 'postgres', jobs: 5_000, fleet: ['node', 'node', 'node'] },
  { store: 'postgres', jobs: 2_000, fleet: ['deno', 'deno'] },
  { store: 'postgres', jobs: 2_000, fleet: ['bun', 'bun'] },
  { store: 'postgres', jobs: 4_000, fleet: RUNTIMES },
  { store: 'redis', jobs: 2_000, fleet: RUNTIMES },
]

const NAMES: Readonly<Record<Store, string>> = { postgres: 'Postgres', redis: 'BullMQ on Redis' }

test.each(FLEETS)(
  '$jobs jobs in $store on $fleet, one killed every second, the server crashed twice',
  async ({ store, jobs, fleet }) => {
    const report = await runCrashes({
      store,
      jobs,
      ms: 150,
      fleet,
      hurtEveryMs: 1_000,
      leaseMs: 2_000,
      restartAfter: [5, 10],
      until: { left: 250 },
    })
    expect(report.violations).toEqual([])
    expect(report.done + report.exhausted + report.crashed).toBe(jobs)
    expect([report.restarts, report.exits]).toEqual([2, fleet.map(() => 0)])
    for (const runtime of fleet) expect(report.cutOff[runtime]).toBeGreaterThan(10)
    expect(report.kills).toBeGreaterThan(10)
    expect(report.crashed).toBeLessThan(jobs / 100)
    recordFigure(
      `${NAMES[store]}: ${jobs.toLocaleString('en')} jobs on workers in ${fleet.join(', ')}, one killed every second`,
      describe(report),
    )
  },
)
