import { describe, expect, it } from 'vitest'
import type { BleedReport } from '../src/bleed/bleed-report.ts'
import { bleed } from './check-bleed.ts'
import { CLI_TIMEOUT_MS, cli, fixture, judge } from './run-cli.ts'

const byType = (report: BleedReport) => Object.fromEntries(report.findings.map((one) => [one.type, one]))

describe('the bleed check', () => {
  it('a type that comes first and last, so that only a job alone shows it', async () => {
    const report = await bleed('first-and-last.ts')
    expect(report.verdict, report.because).toBe('bleeds')
    expect(report.findings).toMatchObject([
      { type: 'form.check', alone: '"plain"', after: '"strict"', by: ['mode.set'] },
    ])
  })

  it('a regular expression that keeps where it was', async () => {
    const report = await bleed('sticky-regexp.ts')
    expect(report.verdict, report.because).toBe('bleeds')
    expect(report.findings).toMatchObject([{ type: 'job', kind: 'outcome', by: ['job'] }])
    expect([report.findings[0]?.alone, report.findings[0]?.after].sort()).toEqual([
      'done',
      'failed: Error: nobody is mentioned',
    ])
  })

  it('nothing but chance is undecided', async () => {
    const report = await bleed('only-random.ts')
    expect(report).toMatchObject({ compared: 0, findings: [] })
    expect(report.because).toContain('nothing could be compared')
    expect(report.verdict).toBe('undecided')
  })

  it('an object that is shared and changed', async () => {
    const report = await bleed('shared-defaults.ts')
    expect(report.verdict, report.because).toBe('bleeds')
    expect(byType(report)).toMatchObject({ 'email.send': { by: ['email.urgent'], kind: 'result' } })
    expect(Object.keys(byType(report))).toEqual(['email.send'])
  })

  it('a value that is another each time', async () => {
    const report = await bleed('random-token.ts')
    expect(report.verdict, report.because).toBe('bleeds')
    expect(report.findings).toMatchObject([{ type: 'page.render', alone: '{"token":undefined}', by: ['login'] }])
  })

  it('answers that tell how long it took, cold code or not', async () => {
    const report = await bleed('durations.ts')
    expect(report.findings).toEqual([])
    expect(report.verdict, report.because).toBe('clean')
  })

  it('answers of chance, which are not compared', async () => {
    const report = await bleed('chance.ts')
    expect(report.findings).toEqual([])
    expect(report.verdict, report.because).toBe('clean')
    const left = Object.fromEntries(report.notComparable.map(({ type, jobs }) => [type, jobs]))
    expect(left).toMatchObject({ 'token.issue': 40, 'clock.read': 40 })
    expect(report.because).toMatch(/could not be compared, so that nothing can be said of token\.issue/)
    // The data is random too, but the same in each run.
    expect(left['sum.up']).toBeUndefined()
  })

  it('a job that is done once by its id, which is clean', async () => {
    const report = await bleed('dedupes.ts')
    expect(report.findings).toEqual([])
    expect(report.notComparable).toEqual([])
    expect(report.verdict, report.because).toBe('clean')
  })
})

describe('a bleed check', { timeout: CLI_TIMEOUT_MS }, () => {
  it('that fails takes nothing from the verdict on memory', async () => {
    const { code, run, report } = await judge('bleed/exits-in-reverse.ts', '--jobs', '400', '--time', '1ms', '--bleed')
    expect(code).toBe(3)
    expect(run.bleed).toBeUndefined()
    expect(report.failed).toMatchObject([{ code: 'HARNESS_EXITED' }])
    expect(report.failed[0]?.error).toMatch(/^the bleed check failed in its process \d+: .* exit code 7/)
  })
})

describe('what is found, and how it is told', { timeout: CLI_TIMEOUT_MS }, () => {
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

  it('is written out for people', async () => {
    const { code, stdout } = await cli(['run', fixture('bleed/locale.ts'), '--jobs', '400', '--time', '1ms', '--bleed'])
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /BLEEDS {2}invoice\.render answers differently after tenant\.switch\n\n {2}invoice\.render, job \d+.*\n {4}alone: .*en: .*\n {4}after the jobs before it: .*de: /,
    )
  })
})
