import { describe, expect, it } from 'vitest'
import type { BleedReport } from '../bleed/bleed-report.ts'
import { METHOD } from '../method.ts'
import { exitCodeOf, type FailedRun, type HarnessReport, type RunReport } from '../result.ts'
import { formatNumber } from './format.ts'
import { toJson } from './json.ts'
import { createProgressLine, PLAIN_EVERY_MS, progressText } from './progress.ts'
import { sparkline } from './sparkline.ts'
import { toText } from './terminal.ts'

const measure = {
  slope: 1.5,
  low: 0.25,
  high: 2,
  mde: 1,
  growth: 1.5,
  budget: 1,
  verdict: 'undecided',
  jobs: 12_000,
} as const
const sample = (job: number, heap: number) => ({
  job,
  heap,
  code: 0,
  external: 0,
  rss: 0,
  descriptors: 20,
  resources: 3,
  listeners: 5,
  waited: 0,
  ms: 1,
})

const leak: RunReport = {
  runtime: { name: 'node', version: '24.0.0' },
  module: '/app.ts',
  jobs: 10_000,
  warmup: 2_000,
  concurrency: 1,
  verdict: 'leak',
  because: 'a Map gained 1.000 entries a job',
  notes: ['a note'],
  jobTypes: [{ name: 'job', verdict: 'leak', done: 12_000, failed: 0 }],
  cohort: { born: 0, survivors: 0, groups: [] },
  containers: [
    {
      type: 'Map',
      name: 'Map',
      owner: 'unknown',
      containers: 1,
      entries: [2, 3],
      jobs: [2, 3],
      perJob: 1,
      state: 'leaks',
    },
  ],
  measures: {
    heap: measure,
    external: { ...measure, slope: null, low: null, high: null, mde: null },
    rss: measure,
    handles: measure,
  },
  end: 'jobs',
  outcomes: { done: 12_000, failed: 0 },
  distinctData: 12_000,
  seed: 1,
  ms: 1_500,
  samples: [sample(1, 5e6), sample(2, 6e6)],
  rested: [],
}
const clean: BleedReport = {
  verdict: 'clean',
  because: '3 jobs came to the same',
  ...{ jobs: 3, compared: 2, notComparable: [{ type: 'token', jobs: 1, of: 1 }], findings: [], changes: [] },
  ...{ used: true, processes: 8, ms: 1_200 },
}
const bleeding: BleedReport = {
  ...clean,
  verdict: 'bleeds',
  because: 'render answers differently after switch',
  findings: [
    {
      type: 'render',
      job: 4,
      jobs: 2,
      kind: 'result',
      alone: '"en"',
      after: '"de"',
      by: ['switch'],
      more: false,
      order: 'forward',
    },
  ],
  changes: [{ type: 'switch', what: 'process.env.LANG' }],
}
const failure: FailedRun = {
  runtime: { name: 'node', version: null },
  module: '/app.ts',
  code: 'HARNESS_EXITED',
  error: 'it ended',
  partial: { outcomes: null, distinctData: null, censuses: [], samples: [] },
}
const report = (runs: RunReport[], failed: FailedRun[] = []): HarnessReport => ({
  version: 1,
  method: METHOD,
  runs,
  failed,
})

describe('exitCodeOf', () => {
  it('follows the contract', () => {
    const flat = { ...leak, verdict: 'flat' } as const
    const undecided = { ...leak, verdict: 'undecided' } as const
    expect(exitCodeOf(report([flat]))).toBe(0)
    expect(exitCodeOf(report([flat, leak, undecided], [failure]))).toBe(1)
    expect(exitCodeOf(report([flat, undecided]))).toBe(2)
    expect(exitCodeOf(report([flat, undecided]), { allowUndecided: true })).toBe(0)
    expect(exitCodeOf(report([undecided], [failure]), { allowUndecided: true })).toBe(3)
    expect(exitCodeOf(report([]))).toBe(3)
  })

  it('counts bleeding as a leak, and nothing to compare as undecided', () => {
    const flat = { ...leak, verdict: 'flat' } as const
    const nothing = { ...flat, bleed: { ...clean, verdict: 'undecided' } } as const
    expect(exitCodeOf(report([{ ...flat, bleed: clean }]))).toBe(0)
    expect(exitCodeOf(report([{ ...flat, bleed: bleeding }], [failure]))).toBe(1)
    expect(exitCodeOf(report([nothing]))).toBe(2)
    expect(exitCodeOf(report([nothing]), { allowUndecided: true })).toBe(0)
  })
})

describe('toText', () => {
  it('shows verdict, reason, measures, containers, curve and notes, without colours unless asked', () => {
    const text = toText(report([leak], [failure]), { colours: false })
    for (const part of [
      'LEAK  /app.ts',
      'a Map gained',
      '0.250 … 2.00',
      '– … –',
      'Map: 2 → 3 entries',
      '▁█',
      'note: a note',
      'FAILED',
      'HARNESS_EXITED: it ended',
    ]) {
      expect(text).toContain(part)
    }
    expect(text).not.toContain('\x1b')
    expect(toText(report([leak]), { colours: true })).toContain('\x1b[31m')
  })
})

describe('toText of a bleed check', () => {
  it('shows what differs after whom, what was changed and what could not be compared', () => {
    const text = toText(report([{ ...leak, bleed: bleeding }]), { colours: false })
    expect(text).toContain(`BLEEDS  render answers differently after switch

  render, job 4 and 1 more
    alone: "en"
    after the jobs before it: "de"

  note: switch changed process.env.LANG
  note: token: 1 of 1 jobs could not be compared
  2 of 3 jobs compared; 8 processes; 1.2 s`)
    expect(toText(report([{ ...leak, bleed: clean }]), { colours: true })).toContain('\x1b[32mCLEAN')
  })
})

describe('toJson', () => {
  it('is the report, one sample a line', () => {
    const text = toJson(report([leak], [failure]))
    expect(JSON.parse(text)).toEqual(report([leak], [failure]))
    expect(text.split('\n').filter((line) => line.includes('"heap":5000000'))).toHaveLength(1)
    expect(text).toContain(JSON.stringify(leak.samples[0]))
  })
})

describe('sparkline', () => {
  it('spans the values in so many characters', () => {
    expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8)).toBe('▁▂▃▄▅▆▇█')
    expect(sparkline([5, 5, 5], 60)).toBe('▁▁▁')
    expect(
      sparkline(
        Array.from({ length: 600 }, (_, i) => i),
        60,
      ),
    ).toHaveLength(60)
    expect(sparkline([], 60)).toBe('')
  })
})

describe('formatNumber', () => {
  it.each([
    [0, '0.00'],
    [16_679.4, '16,679'],
    [-12.345, '−12.35'],
    [0.1004, '0.100'],
    [0.0005, '0.0005'],
    [-0.000001, '0.00'],
    [Number.NaN, '–'],
    [null, '–'],
  ])('writes %s as %s', (value, text) => expect(formatNumber(value)).toBe(text))
})

describe('progress', () => {
  const progress = {
    runtime: 'node',
    jobs: { exact: 1_200, jit: 3_400 },
    of: 12_000,
    samples: 7,
    slope: 0.04,
    idleMs: undefined,
  }

  it('is one line that changes on a terminal, and is taken away', () => {
    const written: string[] = []
    let now = 0
    const line = createProgressLine({ isTTY: true, columns: 120, write: (text) => written.push(text) }, () => now)
    line.show(progress)
    line.show(progress)
    now = 200
    line.show(progress)
    line.clear()
    expect(written).toHaveLength(3)
    expect(written[0]).toBe(
      '\r\x1b[Knode  ▕██                  ▏ 10 %  1,200 of 12,000 jobs  heap 0.0400 B a job  7 samples  entries after 3,400',
    )
    expect(written[2]).toBe('\r\x1b[K')
  })

  it('tells the processes of a bleed check', () => {
    expect(progressText({ ...progress, bleed: 7 })).toBe('node: bleed check, process 7')
  })

  it('is a line now and then elsewhere', () => {
    const written: string[] = []
    let now = 0
    const line = createProgressLine({ write: (text) => written.push(text) }, () => now)
    for (; now < 3 * PLAIN_EVERY_MS; now += 100) line.show(progress)
    line.clear()
    expect(written).toHaveLength(2)
    expect(written[0]).toMatch(/^node: exact 1,200\/12,000 jobs.*\n$/)
  })
})
