import { describe, expect, it } from 'vitest'
import { runHarness } from '../src/run-harness.ts'
import { fixture } from './run-cli.ts'

describe.each(['node', 'deno', 'bun', 'workerd'])('the framework in %s', (runtime) => {
  it('is flat on every path, 10,000 times', async () => {
    const { runs, failed } = await runHarness({
      module: fixture('every-path.ts'),
      runtimes: [runtime],
      timeMs: 240_000,
    })
    expect(failed).toEqual([])
    expect(runs[0]?.verdict, runs[0]?.because).toBe('flat')
    expect(runs[0]?.outcomes.failed).toBe(0)
  })
})
