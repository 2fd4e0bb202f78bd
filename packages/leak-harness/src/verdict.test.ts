import { describe, expect, it } from 'vitest'
import { toPlan } from './options.ts'
import type { ModuleSettings } from './replay/contract.ts'
import type { Decision } from './stats/decision.ts'
import { conclude, type Evidence } from './verdict.ts'

const settings: ModuleSettings = {
  kind: 'handler',
  lifetime: { jobs: undefined, ms: undefined },
  expectFailures: false,
  budget: {},
  jobs: undefined,
  warmup: undefined,
  concurrency: undefined,
  traceLines: undefined,
  varies: false,
}

const flat: Decision = {
  slope: 0,
  low: 0,
  high: 0,
  standardError: 0,
  mde: 0,
  growth: 0,
  rises: false,
  level: { median: 1, lowest: 1 },
  points: 40,
  verdict: 'flat',
}
const grows: Decision = { ...flat, slope: 64, low: 63, high: 65, growth: 64, rises: true, verdict: 'grows' }
const unsure: Decision = { ...flat, slope: 0.5, low: -1, high: 2, growth: 0.5, verdict: 'undecided' }
const unmeasured: Decision = { ...unsure, slope: Number.NaN, low: Number.NaN, high: Number.NaN, growth: Number.NaN }

function evidence(change: {
  measures?: Partial<Evidence['figures']['measures']>
  code?: Decision
  end?: Evidence['figures']['end']
  plan?: Parameters<typeof toPlan>[0]
  settings?: Partial<ModuleSettings>
}): Evidence {
  return {
    plan: toPlan(change.plan ?? {}, settings),
    settings: { ...settings, ...change.settings },
    entries: {
      verdict: 'clean',
      jobs: 12_000,
      cohorts: 2,
      containers: [],
      groups: [],
      heavier: [],
      born: 0,
      cutShort: false,
    },
    figures: {
      jobs: 12_000,
      measures: { heap: flat, external: flat, rss: flat, handles: flat, ...change.measures },
      code: change.code,
      end: change.end ?? 'decided',
      rested: [],
    },
    samples: [],
  }
}

describe('conclude', () => {
  it('says flat when no container grows and each measure is flat', () => {
    expect(conclude(evidence({})).verdict).toBe('flat')
  })

  it.each(['external', 'rss', 'handles'] as const)('says leak when %s grows', (measure) => {
    expect(conclude(evidence({ measures: { [measure]: grows } })).verdict).toBe('leak')
  })

  it('leaves a heap that grows by bytes alone undecided', () => {
    expect(conclude(evidence({ measures: { heap: grows } }))).toMatchObject({
      verdict: 'undecided',
      because: expect.stringContaining('the heap grows by 64.00 B a job'),
    })
  })

  it('says leak when the heap grows by compiled code', () => {
    expect(conclude(evidence({ measures: { heap: grows }, code: { ...grows, slope: 104 } }))).toMatchObject({
      verdict: 'leak',
      because: expect.stringMatching(/^compiled code grows by 104 B a job, .* heap .* by 64.00 B a job/),
    })
    expect(conclude(evidence({ measures: { heap: grows }, code: flat })).verdict).toBe('undecided')
  })

  it('says leak when the heap grows and one text with it', () => {
    const { entries, ...rest } = evidence({ measures: { heap: grows } })
    const heavier = [{ constructorName: '(string)', bytesPerJob: 15, path: ['app.ts', 'variable log: (string)'] }]
    expect(conclude({ ...rest, entries: { ...entries, heavier } })).toMatchObject({
      verdict: 'leak',
      because: expect.stringContaining('(string) grows by 15.00 B a job at app.ts → variable log: (string)'),
    })
    const { figures } = evidence({})
    expect(conclude({ ...rest, figures, entries: { ...entries, heavier } }).verdict).toBe('flat')
  })

  it('says flat when the heap moves in waves and comes back', () => {
    expect(conclude(evidence({ measures: { heap: { ...unsure, verdict: 'waves' } } }))).toMatchObject({
      verdict: 'flat',
      because: expect.stringContaining('heap moves in waves and comes back'),
    })
  })

  it('asks for more jobs when the jobs were too few to tell, and for more time when that ran out', () => {
    const because = (end: 'jobs' | 'time'): string =>
      conclude(evidence({ measures: { heap: unsure }, end, plan: { timeMs: 60_000 } })).because
    expect(because('jobs')).toContain('over 12,000 jobs: 0.500 B a job')
    expect(because('jobs')).toMatch(/more jobs \(--jobs\) would tell$/)
    expect(because('time')).toMatch(/\(the time was up: --time\).*more time \(--time 120s\) would tell$/)
  })

  it('says once that samples are missing, and that fewer jobs at once would give more', () => {
    const measures = { heap: unmeasured, external: unmeasured, rss: unmeasured, handles: unmeasured }
    expect(conclude(evidence({ measures, plan: { concurrency: 500 } }))).toEqual({
      verdict: 'undecided',
      because: 'too few samples over 12,000 jobs; more jobs (--jobs), or fewer at once (--concurrency), would tell',
    })
  })

  it('calls nothing flat over fewer than 100 jobs', () => {
    expect(conclude(evidence({ plan: { jobs: 99 } }))).toMatchObject({
      verdict: 'undecided',
      because: '99 jobs cannot show anything flat; replay more (--jobs 10000)',
    })
    expect(conclude(evidence({ plan: { jobs: 100 } })).verdict).toBe('flat')
  })

  it('calls a trace that was repeated as it is undecided, unless it was varied', () => {
    expect(conclude(evidence({ settings: { traceLines: 1 } }))).toMatchObject({
      verdict: 'undecided',
      because: expect.stringContaining('the trace has 1 job and was repeated as it is'),
    })
    expect(conclude(evidence({ settings: { traceLines: 1, varies: true } })).verdict).toBe('flat')
    expect(conclude(evidence({ settings: { traceLines: 12_000 } })).verdict).toBe('flat')
  })
})
