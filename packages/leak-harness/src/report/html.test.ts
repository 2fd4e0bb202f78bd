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
} from '../../test/report-data.ts'
import { readMarkup } from '../../test/well-formed.ts'
import { toHtml } from './html.ts'

/** Text of a page, a space where elements meet. */
const textOf = (page: string): string => readMarkup(page).texts.join(' ').replace(/\s+/g, ' ')

describe('toHtml', () => {
  it('shows verdict, reason, runtime, figures, survivors with their path, containers, types, samples and notes', () => {
    const text = textOf(toHtml(reportOf([{ ...leakRun, notes: ['only 3 different data'] }])))
    for (const part of [
      'leak app.ts node 24.1.0',
      '/repo/src/jobs/app.ts',
      '5,000 Invoice outlived',
      '72.00 B 95 % 70.56 … 73.44',
      'Invoice leaks 5,000 of a cohort',
      'function add (jobs/store.ts:12) variable seen: Map Invoice',
      'Map leaks 2,000 to 12,000 entries',
      'only 3 different data',
      '120 samples',
    ])
      expect(text).toContain(part)
  })

  it('draws floor, band, slope and budget of each measure', () => {
    const page = toHtml(reportOf([leakRun]))
    // Once a measure, and, but for the window, once in the key.
    for (const kind of ['samples', 'floor', 'band', 'slope', 'budget', 'window'])
      expect(page.split(`class="${kind}"`).length - 1, kind).toBe(kind === 'window' ? 4 : 5)
  })

  it('is one file without a script, that loads nothing and is the same each time', () => {
    const report = reportOf([leakRun, inRuntime(flatRun, 'workerd')], [failedRun])
    const page = toHtml(report)
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:/)
    expect(toHtml(structuredClone(report))).toBe(page)
  })

  it('escapes what a program may be called', () => {
    const page = toHtml(reportSaying('<script>alert("1")</script>&\'\u0000\u001b[31m\ud800'))
    expect(page).not.toContain('<script')
    expect(readMarkup(page).texts).toContain('<script>alert("1")</script>&\'[31m')
  })

  it('is well formed whatever a program may be called', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(fc.constantFrom(...'<>&"\'/=-]'), fc.string({ unit: 'binary' })) }),
        (text) => {
          const read = readMarkup(toHtml(reportSaying(text)))
          expect(read.elements).toEqual(readMarkup(toHtml(reportSaying('text'))).elements)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('shows a failed run with what was measured', () => {
    const text = textOf(toHtml(reportOf([], [failedRun])))
    for (const part of ['failed app.ts deno', 'HARNESS_EXITED', 'with code 7', '900', 'Error: no mailbox', '4 samples'])
      expect(text).toContain(part)
  })

  it('says that a report is empty', () => {
    expect(textOf(toHtml(reportOf([])))).toContain('There are no runs')
  })

  it('sets runtimes side by side, and says why verdicts differ', () => {
    const workerd = inRuntime({ ...mixedRun, verdict: 'flat', jobTypes: flatRun.jobTypes }, 'workerd')
    const text = textOf(toHtml(reportOf([mixedRun, workerd], [failedRun])))
    expect(text).toContain('app.ts in 3 runtimes')
    expect(text).toContain('type node 24.1.0 workerd 1.0.0 deno')
    expect(text).toContain('email.send flat did not run failed')
    expect(text).toContain('Why the verdicts on all jobs differ')
    expect(textOf(toHtml(reportOf([mixedRun])))).not.toContain('runtimes')
  })

  it('stays small with many samples, of which it keeps the extremes', () => {
    const samples = samplesOf(200_000, 0)
    const peak = { ...(samples[12_345] as (typeof samples)[0]), heap: 8e7 }
    const page = toHtml(reportOf([{ ...flatRun, samples: samples.with(12_345, peak) }]))
    expect(page.length).toBeLessThan(500_000)
    expect(page).toContain('80 MB')
    expect(textOf(page)).toContain('One in 200; the JSON report has them all.')
  })

  it('does without figures and samples', () => {
    const none = { ...flatRun.measures.heap, slope: null, low: null, high: null, mde: null, growth: null }
    const run = { ...flatRun, samples: [], measures: { ...flatRun.measures, heap: none } }
    expect(textOf(toHtml(reportOf([run])))).toContain('There are no samples')
    expect(() => readMarkup(toHtml(reportOf([{ ...run, samples: samplesOf(1, 0) }])))).not.toThrow()
  })

  it('says what a baseline accepts', () => {
    const baseline = { accepted: ['Map, 1.00 entries a job'], refused: [], gone: ['Set, 2.00 entries a job'] }
    const text = textOf(toHtml(reportOf([{ ...leakRun, baseline }])))
    expect(text).toContain('leak accepted app.ts')
    expect(text).toContain('accepted by the baseline: Map, 1.00 entries a job')
    expect(text).toContain('can be removed from the baseline: Set')
  })
})
