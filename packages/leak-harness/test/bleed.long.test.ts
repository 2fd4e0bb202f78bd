import { describe, expect, it } from 'vitest'
import type { BleedReport } from '../src/bleed/bleed-report.ts'
import { bleed } from './check-bleed.ts'

const byType = (report: BleedReport) => Object.fromEntries(report.findings.map((one) => [one.type, one]))

describe('the bleed check', () => {
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
