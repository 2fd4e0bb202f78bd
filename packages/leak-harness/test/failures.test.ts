import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { HarnessReport } from '../src/result.ts'
import { CLI_TIMEOUT_MS, cli, fixture, judge } from './run-cli.ts'

describe.concurrent('a run that fails says why, and keeps what was measured', { timeout: CLI_TIMEOUT_MS }, () => {
  it('every job fails', async () => {
    const { code, report } = await judge('throws.ts')
    expect(code).toBe(3)
    expect(report.runs).toEqual([])
    expect(report.failed[0]).toMatchObject({
      code: 'HARNESS_JOBS_FAILED',
      partial: { outcomes: { done: 0, failed: 500 } },
    })
    expect(report.failed[0]?.error).toContain('TypeError: no mailbox for job 0')
  })

  it('a job never settles', async () => {
    const { code, report } = await judge('hangs.ts', '--stall', '1s')
    expect(code).toBe(3)
    expect(report.failed[0]?.code).toBe('HARNESS_STALLED')
    expect(report.failed[0]?.error).toContain('--stall')
  })

  it('a job never ends', async () => {
    const { code, report } = await judge('loops.ts', '--stall', '3s')
    expect(code).toBe(3)
    expect(report.failed[0]?.code).toBe('HARNESS_STALLED')
    expect(report.failed[0]?.partial.samples.length).toBeGreaterThan(0)
  })

  it('a job ends the process', async () => {
    const { code, report } = await judge('exits.ts')
    expect(code).toBe(3)
    expect(report.failed[0]?.code).toBe('HARNESS_EXITED')
    expect(report.failed[0]?.error).toContain('with exit code 0 after 150 jobs')
  })

  it('a job crashes the process', async () => {
    const { code, report } = await judge('crashes.ts')
    expect(code).toBe(3)
    expect(report.failed[0]?.code).toBe('HARNESS_EXITED')
    expect(report.failed[0]?.error).toContain('SyntaxError')
  })

  it('a job takes more memory than there is', async () => {
    const args = ['run', fixture('runs-out-of-memory.ts'), '--jobs', '500', '--warmup', '0', '--reporter', 'json']
    const { code, stdout } = await cli(args, { env: { NODE_OPTIONS: '--max-old-space-size=64' } })
    expect(code).toBe(3)
    expect((JSON.parse(stdout) as HarnessReport).failed[0]?.code).toBe('HARNESS_OUT_OF_MEMORY')
  })

  it('the module cannot be loaded, is none, or is not there', async () => {
    expect((await judge('breaks-on-load.ts')).report.failed[0]).toMatchObject({
      code: 'HARNESS_LOAD',
      error: expect.stringContaining('no configuration'),
    })
    expect((await judge('no-handler.ts')).report.failed[0]).toMatchObject({
      code: 'HARNESS_LOAD',
      error: expect.stringContaining('neither an isobar app nor a function'),
    })
    const missing = await judge('not-there.ts')
    expect(missing.code).toBe(3)
    expect(missing.report.failed[0]?.code).toBe('HARNESS_LOAD')
  })

  it('an app has no handler for its jobs', async () => {
    const { code, report } = await judge('unknown-name.ts')
    expect(code).toBe(3)
    expect(report.failed[0]).toMatchObject({ code: 'HARNESS_JOBS_FAILED', partial: { outcomes: { done: 0 } } })
    expect(report.failed[0]?.error).toContain('the first with "UnknownJobError: no handler for job gret')
  })

  it('there is no data for a job', async () => {
    const { code, report } = await judge('no-data.ts')
    expect(code).toBe(3)
    expect(report.failed[0]).toMatchObject({
      code: 'HARNESS_GENERATOR',
      error: "makeData(150) threw: there are 150 of them; it must return the job's data",
    })
  })

  it('the report has no place to go, which is said before anything runs', async () => {
    const { code, stderr } = await cli(['run', fixture('hangs.ts'), '--out', join(fixture('noop.ts'), 'reports')])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^HARNESS_USAGE: --out .* cannot be made/)
  })

  it('the runtime that was asked for is not on this machine', async () => {
    const { code, stdout } = await cli(['run', fixture('noop.ts'), '--runtime', 'deno'], {
      cwd: tmpdir(),
      env: { PATH: '' },
    })
    expect(code).toBe(3)
    expect(stdout).toMatch(/HARNESS_NOT_AVAILABLE: .*there is no deno on this machine; install it/)
  })
})
