import { describe, expect, it } from 'vitest'
import { runHarness } from '../src/run-harness.ts'
import { fixture, inTurn } from './run-cli.ts'

/** Jobs of each path here; 10,000 in the long tests. */
const JOBS = 3_000

/** In ms, its wait for a turn included: far more than it takes. */
const TIMEOUT_MS = 400_000

describe('the framework itself', () => {
  it('is flat: success, failure, retry, timeout, dead letter, middleware and resources, each 3,000 times', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { runs, failed } = await inTurn(() =>
      runHarness({ module: fixture('every-path.ts'), jobs: JOBS, timeMs: 240_000 }),
    )
    expect(failed).toEqual([])
    expect(runs[0]?.verdict, runs[0]?.because).toBe('flat')
    expect(runs[0]).toMatchObject({ jobs: JOBS, outcomes: { failed: 0 } })
  })
})
