import { describe, expect, it } from 'vitest'
import { runHarness } from '../src/run-harness.ts'
import { fixture } from './run-cli.ts'

/** A whole worker, with its broker: each path 10,000 times. A Worker has no place for one. */
const WORKER = { module: fixture('every-path.ts'), jobs: 10_000, runtimes: ['node', 'deno', 'bun'] } as const

/** The app by itself: ten kinds of jobs, each 10,000 times. */
const APP = {
  module: fixture('every-outcome.ts'),
  jobs: 100_000,
  runtimes: ['node', 'workerd', 'deno', 'bun'],
} as const

describe('the framework is flat, each path 10,000 times', () => {
  it.each([WORKER, APP].flatMap(({ runtimes, ...rest }) => runtimes.map((runtime) => ({ runtime, ...rest }))))(
    '$module in $runtime',
    async ({ runtime, module, jobs }) => {
      const { runs, failed } = await runHarness({ module, jobs, runtimes: [runtime], timeMs: 600_000 })
      expect(failed).toEqual([])
      expect(runs[0]?.verdict, runs[0]?.because).toBe('flat')
    },
  )
})
