import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { HarnessReport } from '../src/result.ts'
import { CLI_TIMEOUT_MS, cli, fixture, judge } from './run-cli.ts'

describe.concurrent('what may be judged', { timeout: CLI_TIMEOUT_MS }, () => {
  it('an app: anything with run(delivery)', async () => {
    const { code, run } = await judge('app-like.ts')
    expect(code, run.because).toBe(0)
    expect(run.outcomes).toEqual({ done: 2_250, failed: 250, firstError: 'Error: there is nobody' })
    expect(run.jobTypes).toEqual([
      { name: 'email.send', verdict: 'flat', done: 1_000, failed: 250 },
      { name: 'email.track', verdict: 'flat', done: 1_250, failed: 0 },
    ])
  })

  it('an isobar app', async () => {
    const { code, run } = await judge('isobar-app.ts')
    expect(code, run.because).toBe(0)
    expect(run.outcomes).toEqual({ done: 2_500, failed: 0 })
  })

  it('a module with a set-up, a teardown and sizes of its own', async () => {
    const { stdout } = await cli(['run', fixture('set-up.ts'), '--reporter', 'json'])
    const run = (JSON.parse(stdout) as HarnessReport).runs[0]
    expect(run).toMatchObject({ jobs: 400, warmup: 100, outcomes: { done: 500, failed: 0 } })
    expect(run?.notes).toContain('the teardown failed: the server would not close')
  })
})

describe.concurrent('strange runs', { timeout: CLI_TIMEOUT_MS }, () => {
  it('a teardown that ends the process loses nothing', async () => {
    const { code, run } = await judge('teardown-exits.ts', '--warmup', '0')
    expect(code, run.because).toBe(0)
    expect(run.notes.join()).toContain('the teardown failed: the process under test ended with exit code 7')
  })

  it('more jobs at once than there are, and too few to tell', async () => {
    const { code, run } = await judge('noop.ts', '--jobs', '20', '--warmup', '0', '--concurrency', '64')
    expect(code).toBe(2)
    expect(run.because).toBe(
      'too few samples over 80 jobs; more jobs (--jobs), or fewer at once (--concurrency), would tell; 20 jobs cannot show anything flat; replay more (--jobs 10000)',
    )
  })

  it('a single job', async () => {
    const { code, run } = await judge('noop.ts', '--jobs', '1', '--warmup', '0')
    expect(code).toBe(2)
    expect(run.because).toContain('1 job cannot show anything flat')
  })
})

describe.concurrent('a trace', { timeout: CLI_TIMEOUT_MS }, () => {
  it('that is repeated as it is leaves a cache keyed by data unseen, and says so', async () => {
    const { code, run } = await judge('traced.ts', '--trace', fixture('jobs.jsonl'))
    expect(code).toBe(2)
    expect(run.because).toContain('the trace has 3 jobs and was repeated as it is')
    expect(run.outcomes).toEqual({ done: 2_500, failed: 0 })
    expect(run.distinctData).toBe(3)
    expect(run.jobTypes.map((type) => type.name)).toEqual(['email.send', 'email.track', 'job'])
  })

  it('of one job says so too', async () => {
    const { code, run } = await judge('noop.ts', '--trace', fixture('one-job.jsonl'))
    expect(code).toBe(2)
    expect(run.because).toMatch(/^the trace has 1 job and was repeated as it is/)
    expect(run.distinctData).toBe(1)
  })

  it('that is varied is flat', async () => {
    const { code, run } = await judge('varied.ts', '--trace', fixture('jobs.jsonl'))
    expect(code, run.because).toBe(0)
    expect(run.distinctData).toBe(2_500)
  })

  it('that cannot be read fails the run', async () => {
    const { code, report } = await judge('traced.ts', '--trace', fixture('noop.ts'))
    expect(code).toBe(3)
    expect(report.failed[0]).toMatchObject({
      code: 'HARNESS_TRACE',
      error: expect.stringContaining('line 1 is not JSON'),
    })
  })
})

describe.concurrent('the command line', { timeout: CLI_TIMEOUT_MS }, () => {
  it('resolves paths against INIT_CWD, and writes a table and a file', async ({ onTestFinished }) => {
    const folder = await mkdtemp(join(tmpdir(), 'leak-harness-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const module = fixture('noop.ts')
    const { code, stdout, stderr } = await cli(
      [
        'run',
        basename(module),
        '--jobs',
        '400',
        '--warmup',
        '100',
        '--reporter',
        'terminal,json',
        '--out',
        join(folder, 'a', 'b'),
      ],
      { env: { INIT_CWD: dirname(module) }, cwd: folder },
    )
    expect(code, stdout + stderr).toBe(0)
    expect(stdout).toContain('FLAT')
    // A rate has as many digits as it needs.
    expect(stdout).toMatch(/heap +−?\d+\.\d+ +−?\d+\.\d+ … −?\d+\.\d+ +\d+\.\d+ +1 +flat/)
    expect(stdout.includes('\x1b')).toBe(false)
    const report = JSON.parse(await readFile(join(folder, 'a', 'b', 'report.json'), 'utf8')) as HarnessReport
    expect(report).toMatchObject({ version: 1, failed: [], runs: [{ verdict: 'flat', module, seed: 1 }] })
  })

  it('prints its help and its version', async () => {
    expect(await cli(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('leak-harness run <module>'),
    })
    expect(await cli(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
    expect(await cli([])).toMatchObject({ code: 3, stderr: expect.stringContaining('HARNESS_USAGE') })
  })
})
