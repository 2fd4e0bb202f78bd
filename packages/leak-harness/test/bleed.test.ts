import { describe, expect, it } from 'vitest'
import { exitCodeOf, type RunReport } from '../src/result.ts'
import { CLI_TIMEOUT_MS, cli, fixture, judge } from './run-cli.ts'

/** The weighing is short: it is not what is tested. */
const bleed = (file: string, ...args: string[]) =>
  judge(`bleed/${file}`, '--jobs', '400', '--warmup', '100', '--time', '1ms', '--allow-undecided', '--bleed', ...args)
const byType = ({ bleed: report }: RunReport) =>
  Object.fromEntries((report?.findings ?? []).map((one) => [one.type, one]))

describe.concurrent('state that reaches others is found and named', { timeout: CLI_TIMEOUT_MS }, () => {
  it('a variable of the module, of five types that of one', async () => {
    const { code, run } = await bleed('locale.ts')
    expect(code, run.bleed?.because).toBe(1)
    expect(run.verdict).not.toBe('leak')
    expect(run.bleed?.because).toBe('invoice.render answers differently after tenant.switch')
    expect(run.bleed?.findings).toMatchObject([
      { type: 'invoice.render', kind: 'result', by: ['tenant.switch'], order: 'forward' },
    ])
    expect(run.bleed?.findings[0]?.alone).toMatch(/"text":"en: \d+"/)
    expect(run.bleed?.findings[0]?.after).toMatch(/"text":"de: \d+"/)
    expect(run.bleed).toMatchObject({ jobs: 200, compared: 200, notComparable: [], changes: [] })
  })

  it('a type that comes first and last, so that only a job alone shows it', async () => {
    const { code, run } = await bleed('first-and-last.ts')
    expect(code).toBe(1)
    expect(run.bleed?.findings).toMatchObject([
      { type: 'form.check', alone: '"plain"', after: '"strict"', by: ['mode.set'] },
    ])
  })

  it('an object that is shared and changed', async () => {
    const { code, run } = await bleed('shared-defaults.ts')
    expect(code).toBe(1)
    expect(byType(run)).toMatchObject({ 'email.send': { by: ['email.urgent'], kind: 'result' } })
    expect(Object.keys(byType(run))).toEqual(['email.send'])
  })

  it('a regular expression that keeps where it was', async () => {
    const { code, run } = await bleed('sticky-regexp.ts')
    expect(code).toBe(1)
    expect(run.bleed?.findings).toMatchObject([{ type: 'job', kind: 'outcome', by: ['job'] }])
    expect([run.bleed?.findings[0]?.alone, run.bleed?.findings[0]?.after].sort()).toEqual([
      'done',
      'failed: Error: nobody is mentioned',
    ])
  })

  it('a counter that shows in results', async () => {
    const { code, run } = await bleed('counter.ts')
    expect(code).toBe(1)
    expect(run.bleed?.findings).toMatchObject([
      { type: 'job', jobs: 200, alone: '{"sequence":1}', after: '{"sequence":200}', by: ['job'] },
    ])
  })

  it('a value that is another each time', async () => {
    const { code, run } = await bleed('random-token.ts')
    expect(code).toBe(1)
    expect(run.bleed?.findings).toMatchObject([{ type: 'page.render', alone: '{"token":undefined}', by: ['login'] }])
  })

  it('what follow-up jobs of an isobar app carry', async () => {
    const { code, run } = await bleed('app-bleeds.ts')
    expect(code).toBe(1)
    expect(run.bleed?.findings).toMatchObject([{ type: 'visit', by: ['login'] }])
    expect(run.bleed?.findings[0]?.alone).toContain('nobody')
  })
})

describe.concurrent('what reaches nobody is clean', { timeout: CLI_TIMEOUT_MS }, () => {
  it.each(['innocents.ts', 'dedupes.ts', 'app.ts'])('%s', async (file) => {
    const { code, run } = await bleed(file)
    expect(run.bleed?.findings).toEqual([])
    expect(run.bleed?.notComparable).toEqual([])
    expect(code, run.because).toBe(0)
  })

  it('answers that tell how long it took, cold code or not', async () => {
    const { code, run } = await bleed('durations.ts')
    expect(run.bleed?.findings).toEqual([])
    expect(code, run.because).toBe(0)
  })

  it('answers of chance, which are not compared', async () => {
    const { code, run } = await bleed('chance.ts')
    expect(run.bleed?.findings).toEqual([])
    expect(code, run.because).toBe(0)
    const left = Object.fromEntries((run.bleed?.notComparable ?? []).map(({ type, jobs }) => [type, jobs]))
    expect(left).toMatchObject({ 'token.issue': 40, 'clock.read': 40 })
    expect(run.bleed?.because).toMatch(/could not be compared, so that nothing can be said of token\.issue/)
    // The data is random too, but the same in each run.
    expect(left['sum.up']).toBeUndefined()
  })

  it('nothing but chance is undecided', async () => {
    const { run, report } = await bleed('only-random.ts')
    expect(run.bleed).toMatchObject({ compared: 0, findings: [] })
    expect(run.bleed?.because).toContain('nothing could be compared')
    expect(exitCodeOf({ ...report, runs: [{ ...run, verdict: 'flat' }] })).toBe(2)
  })

  it('a change of the process that no result shows is told by name, and not judged', async () => {
    const { code, run, stdout } = await bleed('environment.ts')
    expect(run.bleed?.findings).toEqual([])
    expect(code).toBe(0)
    expect(run.bleed?.changes).toEqual([
      { type: 'export.start', what: 'process.env.BLEED_FIXTURE_SECRET' },
      { type: 'export.start', what: 'globalThis.bleedFixture' },
    ])
    expect(stdout).not.toContain('secret-')
  })
})

describe.concurrent('a bleed check', { timeout: CLI_TIMEOUT_MS }, () => {
  it('that fails takes nothing from the verdict on memory', async () => {
    const { code, run, report } = await bleed('exits-in-reverse.ts')
    expect(code).toBe(3)
    expect(run.bleed).toBeUndefined()
    expect(report.failed).toMatchObject([{ code: 'HARNESS_EXITED' }])
    expect(report.failed[0]?.error).toMatch(/^the bleed check failed in its process \d+: .* exit code 7/)
  })

  it('is written out for people', async () => {
    const { code, stdout } = await cli(['run', fixture('bleed/locale.ts'), '--jobs', '400', '--time', '1ms', '--bleed'])
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /BLEEDS {2}invoice\.render answers differently after tenant\.switch\n\n {2}invoice\.render, job \d+.*\n {4}alone: .*en: .*\n {4}after the jobs before it: .*de: /,
    )
  })

  it('is made only when it is asked for', async () => {
    const { run } = await judge('bleed/counter.ts', '--jobs', '100', '--warmup', '0', '--time', '1ms')
    expect(run.bleed).toBeUndefined()
  })
})
