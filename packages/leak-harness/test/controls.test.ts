import { checkControls, exitCodeOf, runHarness } from '@isobar/leak-harness'
import { describe, expect, it } from 'vitest'
import { CLI_TIMEOUT_MS, cli, fixture } from './run-cli.ts'

const control = (file: string) => runHarness({ module: fixture(file), jobs: 2_000, warmup: 500 })

describe('the controls, without which no other verdict counts', { timeout: CLI_TIMEOUT_MS }, () => {
  it('a known leak is found', async () => {
    const report = await control('numbers.ts')
    expect(report.failed).toEqual([])
    expect(report.runs).toMatchObject([{ verdict: 'leak', containers: [{ type: 'Array', perJob: 1 }] }])
    expect(exitCodeOf(report)).toBe(1)
  })

  it('a known clean handler passes', async () => {
    const report = await control('noop.ts')
    expect(report.failed).toEqual([])
    expect(report.runs).toMatchObject([{ verdict: 'flat', containers: [] }])
    expect(exitCodeOf(report)).toBe(0)
  })

  it('ride along with a run when they are asked for, and let it through', async () => {
    const { code, stderr } = await cli(['run', fixture('noop.ts'), '--jobs', '400', '--warmup', '100', '--controls'])
    expect(code, stderr).toBe(0)
  })

  it('make a run void when they cannot be judged', async () => {
    await expect(checkControls({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'HARNESS_CONTROLS',
      message: expect.stringContaining('the run is void'),
    })
  })
})
