import { expect, it } from 'vitest'
import { runHarness } from '../src/run-harness.ts'
import { RUNTIMES } from '../src/runtimes/drivers.ts'
import { fixture, inTurn } from './run-cli.ts'

/** In ms, its wait for a turn included. */
const TIMEOUT_MS = 300_000

it('sets runtimes side by side in one report, and finds a leak in each', { timeout: TIMEOUT_MS }, async () => {
  const { runs } = await inTurn(() =>
    runHarness({ module: fixture('numbers.ts'), runtimes: RUNTIMES, jobs: 1_000, warmup: 200, timeMs: 1 }),
  )
  expect(runs.map(({ runtime, verdict }) => [runtime.name, verdict])).toEqual(RUNTIMES.map((name) => [name, 'leak']))
  for (const { runtime } of runs) expect(runtime.version).toMatch(/^\d+\.\d+/)
})
