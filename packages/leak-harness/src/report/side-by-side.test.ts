import { describe, expect, it } from 'vitest'
import { failedRun, flatRun, inRuntime, mixedRun, reportOf } from '../../test/report-data.ts'
import { toSideBySide } from './side-by-side.ts'
import { toText } from './terminal.ts'

const workerd = inRuntime(
  { ...mixedRun, verdict: 'flat', because: 'flat there', jobTypes: flatRun.jobTypes },
  'workerd',
)

describe('toSideBySide', () => {
  it('has a row a job type and a column a runtime', () => {
    const [one] = toSideBySide(reportOf([mixedRun, workerd], [failedRun]))
    expect(one?.columns).toEqual(['node 24.1.0', 'workerd 1.0.0', 'deno'])
    expect(one?.rows.map(({ type, cells }) => [type, ...cells])).toEqual([
      ['email.send', 'flat', undefined, 'failed'],
      ['receipt.send', 'leak', undefined, 'failed'],
      ['job', undefined, 'flat', 'failed'],
      ['all jobs', 'leak', 'flat', 'failed'],
    ])
    expect(one?.rows.map(({ why }) => why.length)).toEqual([0, 0, 0, 3])
  })

  it('leaves out a module that ran once, and a bleed check that failed', () => {
    expect(toSideBySide(reportOf([mixedRun, { ...flatRun, module: '/repo/b.ts' }]))).toEqual([])
    expect(toSideBySide(reportOf([flatRun], [{ ...failedRun, runtime: flatRun.runtime }]))).toEqual([])
  })

  it('says nothing of why where verdicts are the same', () => {
    const [one] = toSideBySide(reportOf([flatRun, inRuntime(flatRun, 'bun')]))
    expect(one?.rows).toEqual([{ type: 'job', cells: ['flat', 'flat'], why: [] }])
  })
})

describe('toText of several runtimes', () => {
  it('sets them side by side, with a line that says why verdicts differ', () => {
    const text = toText(reportOf([mixedRun, workerd]), { colours: false })
    expect(text).toContain(`SIDE BY SIDE  /repo/src/jobs/app.ts

                node 24.1.0  workerd 1.0.0
  email.send    flat         –
  receipt.send  leak         –
  job           –            flat
  all jobs      leak         flat

  all jobs differs:
    node 24.1.0, leak: 5,000 Invoice outlived the cohort they were born in
    workerd 1.0.0, flat: flat there
`)
    expect(toText(reportOf([mixedRun]), { colours: false })).not.toContain('SIDE BY SIDE')
  })
})
