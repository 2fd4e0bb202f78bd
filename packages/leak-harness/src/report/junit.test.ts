import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  failedRun,
  flatRun,
  inRuntime,
  leakRun,
  mixedRun,
  reportOf,
  reportSaying,
  samplesOf,
  undecidedRun,
} from '../../test/report-data.ts'
import { readMarkup } from '../../test/well-formed.ts'
import { toJunit } from './junit.ts'

describe('toJunit', () => {
  it('is a suite a run and a test case a job type', () => {
    const xml = toJunit(reportOf([flatRun, inRuntime(mixedRun, 'workerd')]))
    expect(xml).toContain('<testsuites name="leak-harness" tests="4" failures="2" errors="0">')
    expect(xml).toContain(
      '<testsuite name="/repo/src/jobs/app.ts (node 24.1.0)" tests="1" failures="0" errors="0" skipped="0" time="7.800">',
    )
    expect(xml).toContain('<testcase name="job" classname="/repo/src/jobs/app.ts"/>')
    expect(xml).toContain('<testcase name="email.send" classname="/repo/src/jobs/app.ts"/>')
    expect(xml).toContain('<failure type="leak" message="alone it keeps receipts">')
    expect(xml).toContain('<testcase name="all jobs" classname="/repo/src/jobs/app.ts">')
    expect(xml).toContain('<property name="heap.slope" value="72"/>')
    expect(readMarkup(xml).elements.filter((name) => name === 'testsuite')).toHaveLength(2)
  })

  it('fails what is undecided, unless that is allowed', () => {
    expect(toJunit(reportOf([undecidedRun]))).toContain('<failure type="undecided" message="the heap could not')
    expect(toJunit(reportOf([undecidedRun]), { allowUndecided: true })).toContain('failures="0"')
  })

  it('has an error for a run that failed, with the ends of its lines', () => {
    const xml = toJunit(reportOf([], [failedRun]))
    expect(xml).toContain('errors="1"')
    expect(xml).toContain('<error type="HARNESS_EXITED" message="the process ended&#10;with code 7">')
  })

  it('passes what a baseline accepts, and says so', () => {
    const baseline = { accepted: ['Map'], refused: [], gone: [] }
    const xml = toJunit(reportOf([{ ...mixedRun, baseline }]))
    expect(xml).toContain('failures="0"')
    expect(xml).toContain('<system-out>accepted by the baseline: Map</system-out>')
    expect(toJunit(reportOf([{ ...leakRun, baseline: { ...baseline, refused: ['Set'] } }]))).toContain('failures="1"')
  })

  it('has no suites for no runs', () => {
    expect(readMarkup(toJunit(reportOf([]))).elements).toEqual(['testsuites'])
  })

  it('holds no samples, however many there are', () => {
    expect(toJunit(reportOf([{ ...leakRun, samples: samplesOf(100_000, 1) }])).length).toBeLessThan(20_000)
  })

  it('is well formed whatever a program may be called', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(fc.constantFrom(...'<>&"\'/]-\n\r\t\u001b'), fc.string({ unit: 'binary' })) }),
        (text) => {
          expect(readMarkup(toJunit(reportSaying(text))).elements).toEqual(
            readMarkup(toJunit(reportSaying('text'))).elements,
          )
        },
      ),
      { numRuns: 50 },
    )
  })
})
