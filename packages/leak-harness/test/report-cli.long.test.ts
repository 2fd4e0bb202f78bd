import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toJson } from '../src/report/json.ts'
import type { HarnessReport } from '../src/result.ts'
import { flatRun, leakRun, reportOf } from './report-data.ts'
import { CLI_TIMEOUT_MS, cli, fixture } from './run-cli.ts'
import { readMarkup } from './well-formed.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leak-harness-reports-'))
})
afterAll(() => rm(folder, { recursive: true }))

const read = (file: string): Promise<string> => readFile(join(folder, file), 'utf8')
const SHORT = ['--jobs', '2000', '--warmup', '500', '--time', '1s']

describe('leak-harness compare', () => {
  beforeAll(async () => {
    await writeFile(join(folder, 'flat.json'), toJson(reportOf([flatRun])))
    await writeFile(join(folder, 'leak.json'), toJson(reportOf([leakRun])))
    await writeFile(join(folder, 'broken.json'), '{"version": 1')
  })
  const compare = (...files: string[]) => cli(['compare', ...files], { env: { INIT_CWD: folder } })

  it('exits with 1 when a leak is new, and with 0 when nothing got worse', async () => {
    const worse = await compare('flat.json', 'leak.json')
    expect(worse).toMatchObject({ code: 1, stderr: '' })
    expect(worse.stdout).toContain('FLAT → LEAK')
    expect(await compare('leak.json', 'flat.json')).toMatchObject({ code: 0, stdout: expect.stringContaining('gone:') })
  })

  it('says what to do about a file that is no report', async () => {
    for (const file of ['broken.json', 'absent.json']) {
      const { code, stdout, stderr } = await compare('flat.json', file)
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
      expect(stderr).toMatch(/^HARNESS_USAGE: .*give a file that leak-harness run --reporter json wrote\n$/)
    }
  })
})

describe('leak-harness run', () => {
  it(
    'writes each report under --out, and appends the summary of a step',
    async () => {
      const summary = join(folder, 'step.md')
      await writeFile(summary, 'before\n')
      const env = { GITHUB_STEP_SUMMARY: summary, GITHUB_WORKSPACE: fixture('..') }
      const reporters = ['--reporter', 'terminal,json,html,junit,github', '--out', join(folder, 'out')]
      const { code, stdout } = await cli(['run', fixture('objects.ts'), ...SHORT, ...reporters], { env })
      expect(code).toBe(1)
      expect(stdout).toMatch(/^LEAK {2}/)
      expect(stdout).toMatch(/^::error file=fixtures\/objects\.ts,title=LEAK in node /m)
      expect(readMarkup(await read('out/report.html')).elements).toContain('svg')
      expect(readMarkup(await read('out/report.xml')).elements).toContain('failure')
      expect((JSON.parse(await read('out/report.json')) as HarnessReport).runs).toHaveLength(1)
      expect(await read('step.md')).toBe(`before\n${await read('out/summary.md')}`)
    },
    CLI_TIMEOUT_MS,
  )

  it(
    'passes with a baseline that it wrote, and does not start without one',
    async () => {
      const run = (...args: string[]) =>
        cli(['run', fixture('objects.ts'), ...SHORT, '--baseline', join(folder, 'baseline.json'), ...args])
      const absent = await run()
      expect(absent).toMatchObject({ code: 3, stdout: '' })
      expect(absent.stderr).toMatch(/^HARNESS_USAGE: the baseline cannot be read: .*--update-baseline/)
      expect(await run('--update-baseline')).toMatchObject({ code: 0 })
      const passed = await run('--reporter', 'junit')
      expect(passed.code).toBe(0)
      expect(passed.stdout).toContain('accepted by the baseline: ')
    },
    CLI_TIMEOUT_MS,
  )
})
