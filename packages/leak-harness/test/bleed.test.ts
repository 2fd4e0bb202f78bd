import { describe, expect, it } from 'vitest'
import { bleed } from './check-bleed.ts'
import { CLI_TIMEOUT_MS } from './run-cli.ts'

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
