import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failedRun, flatRun, leakRun, reportOf, reportSaying, undecidedRun } from '../../test/report-data.ts'
import { toGithub } from './github.ts'
import { toSummary } from './summary.ts'

const options = { root: '/repo', exists: (path: string) => path === '/repo/src/jobs/store.ts' }

describe('toGithub', () => {
  it('puts a leak at the file and line that its path names', () => {
    expect(toGithub(reportOf([leakRun]), options)).toBe(
      '::error file=src/jobs/store.ts,line=12,title=LEAK in node 24.1.0::5,000 Invoice outlived the cohort they were born in\n',
    )
  })

  it('puts what is retained elsewhere there, and what names no file of the repository at the module', () => {
    const [group] = leakRun.cohort.groups
    const elsewhere = {
      ...leakRun.containers[0],
      owner: 'jobs/app.ts → variable all: Map',
    } as (typeof leakRun.containers)[0]
    const lines = toGithub(reportOf([{ ...leakRun, containers: [elsewhere] }]), options).split('\n')
    expect(lines[1]).toBe(
      '::error file=src/jobs/app.ts,title=Retained in node::Map at jobs/app.ts → variable all: Map gained 1.00 entries a job',
    )
    const groups = [{ ...group, path: ['pg/lib/client.js', 'Invoice'] }] as typeof leakRun.cohort.groups
    expect(
      toGithub(reportOf([{ ...leakRun, containers: [], cohort: { ...leakRun.cohort, groups } }]), options),
    ).toMatch(/^::error file=src\/jobs\/app\.ts,title=LEAK/)
    expect(toGithub(reportOf([{ ...flatRun, module: '/elsewhere/app.ts' }]), options)).toMatch(/^::notice title=FLAT/)
  })

  it('has a level for each verdict', () => {
    const level = (text: string): string => text.slice(0, text.indexOf(' '))
    const accepted = { ...leakRun, baseline: { accepted: ['Map'], refused: [], gone: [] } }
    expect(level(toGithub(reportOf([flatRun]), options))).toBe('::notice')
    expect(level(toGithub(reportOf([undecidedRun]), options))).toBe('::error')
    expect(level(toGithub(reportOf([undecidedRun]), { ...options, allowUndecided: true }))).toBe('::warning')
    expect(toGithub(reportOf([accepted]), options)).toContain(
      '::notice file=src/jobs/store.ts,line=12,title=LEAK (accepted)',
    )
    expect(toGithub(reportOf([], [failedRun]), options)).toBe(
      '::error file=src/jobs/app.ts,title=FAILED in deno::HARNESS_EXITED: the process ended%0Awith code 7\n',
    )
    expect(toGithub(reportOf([]), options)).toBe('')
  })

  it('escapes what would end a command or a property', () => {
    const line = toGithub(
      reportOf([{ ...flatRun, because: '50 %\r\n::error::x', runtime: { name: 'a,b:c%', version: '1' } }]),
      options,
    )
    expect(line).toBe('::notice file=src/jobs/app.ts,title=FLAT in a%2Cb%3Ac%25 1::50 %25%0D%0A::error::x\n')
  })

  it('is a command a line whatever a program may be called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const lines = toGithub(reportSaying(text), options).trimEnd().split('\n')
        for (const line of lines)
          expect(line).toMatch(/^::(?:error|warning|notice) (?:file=[^,:\r]*,)?(?:line=\d+,)?title=[^,:\r]*::[^\r]*$/s)
      }),
    )
  })
})

describe('toSummary', () => {
  it('has a row a run, and who keeps what leaks', () => {
    const text = toSummary(reportOf([leakRun], [failedRun]))
    expect(text).toContain(
      '| module | runtime | verdict | heap a job | external a job | rss a job | handles a job | because |',
    )
    expect(text).toContain('| node 24.1.0 | **LEAK** | **72.00 B** | 0.00 B | 0.00 B | 0.00 | 5,000 Invoice outlived')
    expect(text).toContain('| deno | **FAILED** |  |  |  |  | HARNESS&#95;EXITED: the process ended with code 7 |')
    expect(text).toContain('- **Invoice**: 5,000 of a cohort survive, 1.00 a job<br><code>function add')
  })

  it('keeps its rows whatever a program may be called', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'|<>`*_\\\n\r[]$a') }), (text) => {
        const rows = toSummary(reportSaying(`x${text}`))
          .split('\n')
          .filter((line) => line.startsWith('| <code>'))
        expect(rows).toHaveLength(3)
        for (const row of rows) expect(row.split('|')).toHaveLength(10)
        expect(rows.join('').replace(/<\/?code>/g, '')).not.toMatch(/[<>`_\\[\]$]/)
      }),
    )
  })

  it('says that there are no runs', () => expect(toSummary(reportOf([]))).toContain('There are no runs.'))
})
