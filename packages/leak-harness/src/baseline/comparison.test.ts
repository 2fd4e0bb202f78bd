import { describe, expect, it } from 'vitest'
import { failedRun, flatRun, inRuntime, leakRun, reportOf, reportSaying, undecidedRun } from '../../test/report-data.ts'
import { toComparisonText } from '../report/comparison.ts'
import type { HarnessReport, RunReport } from '../result.ts'
import { compareReports, comparisonExitCode } from './comparison.ts'

const compare = (before: HarnessReport, after: HarnessReport) => {
  const comparison = compareReports(before, after)
  return { code: comparisonExitCode(comparison), text: toComparisonText(comparison, { colours: false }), ...comparison }
}
const runs = (before: RunReport, after: RunReport) => compare(reportOf([before]), reportOf([after]))
const grown = {
  ...leakRun,
  containers: leakRun.containers.map((one) => ({ ...one, perJob: 2 })),
}

describe('compareReports', () => {
  it('finds nothing where nothing got worse', () => {
    for (const run of [flatRun, leakRun, undecidedRun]) expect(runs(run, run).code).toBe(0)
    expect(runs(undecidedRun, flatRun).code).toBe(0)
    expect(runs(flatRun, flatRun).text).toMatch(/^FLAT → FLAT {2}\/repo\/src\/jobs\/app\.ts {2}node 24\.1\.0\n/)
    expect(runs(flatRun, flatRun).text).toMatch(/nothing got worse\n$/)
  })

  it('names leaks that are new', () => {
    const { code, text } = runs(flatRun, leakRun)
    expect(code).toBe(1)
    expect(text).toContain('FLAT → LEAK')
    expect(text).toContain('5,000 Invoice outlived')
    expect(text).toContain('  new: Map, at function add (jobs/store.ts) → variable seen: Map, 1.00 entries a job')
    expect(text).toContain('  heap        0.00  flat  72.00  grows')
    expect(compare(reportOf([]), reportOf([leakRun])).code).toBe(1)
  })

  it('names leaks that have grown, and those that are gone', () => {
    const { code, text } = runs(leakRun, grown)
    expect(code).toBe(1)
    expect(text).toContain(
      '  grown: Map, at function add (jobs/store.ts) → variable seen: Map, 2.00 entries a job, which was 1.00',
    )
    expect(runs(grown, leakRun).code).toBe(0)
    expect(runs(leakRun, flatRun).text).toContain('  gone: Invoice, kept by')
    expect(runs(leakRun, undecidedRun).pairs[0]?.gone).toEqual([])
  })

  it('counts a leak that has no name', () => {
    const nameless = { ...leakRun, cohort: flatRun.cohort, containers: [], measures: flatRun.measures }
    expect(runs(flatRun, nameless)).toMatchObject({ code: 1 })
    expect(runs(flatRun, nameless).text).toContain('new: a leak that has no name')
    expect(runs(nameless, nameless).code).toBe(0)
  })

  it('tells bleeding that is new', () => {
    const { bleed } = reportSaying('render').runs[0] as RunReport
    if (!bleed) throw new Error('the report says nothing of bleeding')
    expect(runs(flatRun, { ...flatRun, bleed })).toMatchObject({ code: 1 })
    expect(runs({ ...flatRun, bleed }, { ...flatRun, bleed }).code).toBe(0)
  })

  it('tells what was flat and is undecided, and what has no verdict any more', () => {
    expect(runs(flatRun, undecidedRun).code).toBe(2)
    expect(compare(reportOf([flatRun]), reportOf([]))).toMatchObject({ code: 3 })
    const deno = inRuntime(flatRun, 'deno')
    const { code, text } = compare(reportOf([flatRun, deno]), reportOf([flatRun], [failedRun]))
    expect(code).toBe(3)
    expect(text).toContain('FLAT → no verdict  /repo/src/jobs/app.ts  deno 1.0.0\n  HARNESS_EXITED')
  })

  it('pairs runs by runtime, and by the end of a path where that differs', () => {
    const elsewhere = (run: RunReport, module: string): RunReport => ({ ...run, module })
    const before = reportOf([leakRun, elsewhere(flatRun, '/repo/src/mail/app.ts'), inRuntime(flatRun, 'bun')])
    const after = reportOf([
      inRuntime(elsewhere(flatRun, '/ci/src/jobs/app.ts'), 'bun'),
      elsewhere(flatRun, '/ci/src/mail/app.ts'),
      elsewhere(leakRun, '/ci/src/jobs/app.ts'),
    ])
    const { pairs, lost, code } = compare(before, after)
    expect(pairs.map(({ before: run }) => run && [run.runtime.name, run.module])).toEqual([
      ['bun', '/repo/src/jobs/app.ts'],
      ['node', '/repo/src/mail/app.ts'],
      ['node', '/repo/src/jobs/app.ts'],
    ])
    expect({ lost, code }).toEqual({ lost: [], code: 0 })
    expect(runs(flatRun, elsewhere(flatRun, '/repo/other.ts')).pairs[0]?.before).toBeUndefined()
  })
})
