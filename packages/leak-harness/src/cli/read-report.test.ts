import { describe, expect, it } from 'vitest'
import { failedRun, flatRun, leakRun, reportOf } from '../../test/report-data.ts'
import { toJson } from '../report/json.ts'
import { parseReport, readReport } from './read-report.ts'

describe('parseReport', () => {
  it('takes what the JSON reporter writes', () => {
    const report = reportOf([flatRun, leakRun], [failedRun])
    expect(parseReport(toJson(report), 'a.json')).toEqual(report)
    expect(parseReport(toJson(reportOf([])), 'a.json')).toEqual(reportOf([]))
  })

  it.each([
    ['{', 'it is not JSON'],
    ['null', 'it is not an object'],
    ['[]', 'runs is not a list'],
    ['{"version":2,"runs":[],"failed":[]}', 'its version is 2'],
    ['{"version":1,"runs":[]}', 'failed is not a list'],
    ['{"version":1,"runs":[{}],"failed":[]}', 'runs[0].runtime is not an object'],
    [toJson(reportOf([{ ...flatRun, verdict: 'fine' as 'flat' }])), 'runs[0].verdict is none of flat, leak, undecided'],
    [
      toJson(reportOf([{ ...flatRun, bleed: {} as NonNullable<typeof flatRun.bleed> }])),
      'bleed[0].findings is not a list',
    ],
    [
      JSON.stringify(reportOf([leakRun])).replace('"constructor":"Invoice",', ''),
      'groups[0].constructor is not a string',
    ],
  ])('refuses %.40s', (text, problem) => {
    expect(() => parseReport(text, 'a.json')).toThrow(
      expect.objectContaining({ code: 'HARNESS_USAGE', message: expect.stringContaining(problem) }),
    )
    expect(() => parseReport(text, 'a.json')).toThrow(/^a\.json is no report: .*--reporter json wrote$/)
  })

  it('says why a file cannot be read', async () => {
    await expect(readReport('/nowhere/a.json')).rejects.toThrow(/^the report cannot be read: ENOENT.*--reporter json/)
  })
})
