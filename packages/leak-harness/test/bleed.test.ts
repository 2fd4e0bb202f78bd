import { describe, expect, it } from 'vitest'
import { bleed } from './check-bleed.ts'
import { CLI_TIMEOUT_MS, cli, fixture } from './run-cli.ts'

describe.concurrent('state that reaches others is found and named', { timeout: CLI_TIMEOUT_MS }, () => {
  it('a variable of the module, of five types that of one', async () => {
    const report = await bleed('locale.ts')
    expect(report.verdict, report.because).toBe('bleeds')
    expect(report.because).toBe('invoice.render answers differently after tenant.switch')
    expect(report.findings).toMatchObject([
      { type: 'invoice.render', kind: 'result', by: ['tenant.switch'], order: 'forward' },
    ])
    expect(report.findings[0]?.alone).toMatch(/"text":"en: \d+"/)
    expect(report.findings[0]?.after).toMatch(/"text":"de: \d+"/)
    expect(report).toMatchObject({ jobs: 200, compared: 200, notComparable: [], changes: [] })
  })

  it('a counter that shows in results', async () => {
    const report = await bleed('counter.ts')
    expect(report.verdict, report.because).toBe('bleeds')
    expect(report.findings).toMatchObject([
      { type: 'job', jobs: 200, alone: '{"sequence":1}', after: '{"sequence":200}', by: ['job'] },
    ])
  })

  it('what follow-up jobs of an isobar app carry', async () => {
    const report = await bleed('app-bleeds.ts')
    expect(report.verdict, report.because).toBe('bleeds')
    expect(report.findings).toMatchObject([{ type: 'visit', by: ['login'] }])
    expect(report.findings[0]?.alone).toContain('nobody')
  })
})

describe.concurrent('what reaches nobody is clean', { timeout: CLI_TIMEOUT_MS }, () => {
  it.each(['innocents.ts', 'app.ts'])('%s', async (file) => {
    const report = await bleed(file)
    expect(report.findings).toEqual([])
    expect(report.notComparable).toEqual([])
    expect(report.verdict, report.because).toBe('clean')
  })

  it('a change of the process that no result shows is told by name, and not judged', async () => {
    const report = await bleed('environment.ts')
    expect(report.findings).toEqual([])
    expect(report.verdict, report.because).toBe('clean')
    expect(report.changes).toEqual([
      { type: 'export.start', what: 'process.env.BLEED_FIXTURE_SECRET' },
      { type: 'export.start', what: 'globalThis.bleedFixture' },
    ])
    expect(JSON.stringify(report)).not.toContain('secret-')
  })
})

describe.concurrent('a bleed check', { timeout: CLI_TIMEOUT_MS }, () => {
  it('is written out for people', async () => {
    const { code, stdout } = await cli(['run', fixture('bleed/locale.ts'), '--jobs', '400', '--time', '1ms', '--bleed'])
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /BLEEDS {2}invoice\.render answers differently after tenant\.switch\n\n {2}invoice\.render, job \d+.*\n {4}alone: .*en: .*\n {4}after the jobs before it: .*de: /,
    )
  })
})
