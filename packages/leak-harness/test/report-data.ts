import type { BleedReport } from '../src/bleed/bleed-report.ts'
import { METHOD } from '../src/method.ts'
import type { FailedRun, HarnessReport, JobTypeReport, MeasureReport, RunReport } from '../src/result.ts'
import type { Sample } from '../src/witness/sampler.ts'

/** A measure that stands still. */
const flat: MeasureReport = {
  ...{ slope: 0, low: 0, high: 0, mde: 0, growth: 0, budget: 1, verdict: 'flat', jobs: 12_000 },
}

/** A measure that grows by so much. */
export const grows = (slope: number, budget = 1): MeasureReport => ({
  ...{ slope, low: slope * 0.98, high: slope * 1.02, mde: slope * 0.03, growth: slope, budget },
  ...{ verdict: 'grows', jobs: 12_000 },
})

/** Samples of a heap that grows by so many bytes a job. */
export const samplesOf = (count: number, perJob: number): Sample[] =>
  Array.from({ length: count }, (_, at) => {
    const job = Math.round(((at + 1) * 12_000) / count)
    return {
      ...{ job, heap: 9e6 + perJob * job + (at % 3) * 400, code: 4e5, external: 8e6, rss: 4e7 + at * 10 },
      ...{ descriptors: 20, resources: 3, listeners: 16, waited: 0, ms: 12 },
    }
  })

const job: JobTypeReport = { name: 'job', verdict: 'flat', done: 17_000, failed: 0 }

/** A run of a handler that leaks nothing. */
export const flatRun: RunReport = {
  runtime: { name: 'node', version: '24.1.0' },
  module: '/repo/src/jobs/app.ts',
  ...{ jobs: 10_000, warmup: 2_000, concurrency: 1, verdict: 'flat', because: 'every measure is flat', notes: [] },
  jobTypes: [job],
  cohort: { born: 16, survivors: 0, groups: [] },
  containers: [],
  measures: { heap: flat, external: flat, rss: { ...flat, budget: 256 }, handles: { ...flat, budget: 0.0005 } },
  end: 'decided',
  outcomes: { done: 17_000, failed: 0 },
  ...{ distinctData: 17_000, seed: 1, ms: 7_800, samples: samplesOf(120, 0), rested: [] },
}

/** A run of a handler that keeps an invoice a job in a Map. */
export const leakRun: RunReport = {
  ...flatRun,
  verdict: 'leak',
  because: '5,000 Invoice outlived the cohort they were born in',
  jobTypes: [{ ...job, verdict: 'leak' }],
  cohort: {
    born: 5_100,
    survivors: 5_000,
    groups: [
      {
        ...{ constructor: 'Invoice', count: 5_000, perJob: 1, bytes: 600_000, state: 'leaks' },
        path: ['function add (jobs/store.ts:12)', 'variable seen: Map', 'Invoice'],
      },
    ],
  },
  containers: [
    {
      ...{ type: 'Map', name: 'Map', owner: 'function add (jobs/store.ts:12) → variable seen: Map', containers: 1 },
      ...{ entries: [2_000, 7_000, 12_000], jobs: [2_000, 7_000, 12_000], perJob: 1, state: 'leaks' },
    },
  ],
  measures: { ...flatRun.measures, heap: grows(72) },
  samples: samplesOf(120, 72),
}

/** A run of three types of jobs, one of which leaks. */
export const mixedRun: RunReport = {
  ...leakRun,
  jobTypes: [
    { ...job, name: 'email.send', because: 'alone it is flat' },
    { ...job, name: 'receipt.send', verdict: 'leak', because: 'alone it keeps receipts' },
  ],
}

/** A run of which nothing could be shown. */
export const undecidedRun: RunReport = {
  ...flatRun,
  verdict: 'undecided',
  because: 'the heap could not be shown flat; more jobs (--jobs) would tell',
  jobTypes: [{ ...job, verdict: 'undecided' }],
  measures: { ...flatRun.measures, heap: { ...grows(2), low: -3, high: 7, verdict: 'undecided' } },
}

/** A run that came to nothing. */
export const failedRun: FailedRun = {
  runtime: { name: 'deno', version: null },
  module: flatRun.module,
  code: 'HARNESS_EXITED',
  error: 'the process ended\nwith code 7',
  partial: {
    outcomes: { done: 900, failed: 100, firstError: 'Error: no mailbox' },
    distinctData: 1_000,
    censuses: [{ job: 500, entries: 123 }],
    samples: samplesOf(4, 0),
  },
}

/** The same run in another runtime. */
export const inRuntime = (run: RunReport, name: string): RunReport => ({ ...run, runtime: { name, version: '1.0.0' } })

/** A report of these runs. */
export const reportOf = (runs: readonly RunReport[], failed: readonly FailedRun[] = []): HarnessReport => ({
  version: 1,
  method: METHOD,
  runs,
  failed,
})

/** A report in which every text is the one that is given. */
export const reportSaying = (text: string): HarnessReport => {
  const bleed: BleedReport = {
    verdict: 'bleeds',
    because: text,
    jobs: 1,
    compared: 1,
    notComparable: [{ type: text, jobs: 1, of: 1 }],
    findings: [
      {
        type: text,
        job: 1,
        jobs: 2,
        kind: 'result',
        alone: text,
        after: text,
        by: null,
        more: false,
        order: 'forward',
      },
    ],
    changes: [{ type: text, what: text }],
    used: true,
    processes: 1,
    ms: 1,
  }
  const run: RunReport = {
    ...mixedRun,
    ...{ module: text, because: text, notes: [text], bleed, runtime: { name: text, version: text } },
    jobTypes: mixedRun.jobTypes.map((type, at) => ({ ...type, name: `${text}${at}`, because: text })),
    cohort: {
      ...mixedRun.cohort,
      groups: mixedRun.cohort.groups.map((group) => ({ ...group, constructor: text, path: [text, text] })),
    },
    containers: mixedRun.containers.map((one) => ({ ...one, name: text, owner: text })),
    outcomes: { done: 1, failed: 1, firstError: text },
    baseline: { accepted: [text], refused: [text], gone: [text] },
    samples: samplesOf(12, 72),
  }
  const failed: FailedRun = { ...failedRun, module: text, error: text, runtime: { name: `${text}2`, version: text } }
  return reportOf([run, { ...run, runtime: { name: `${text}3`, version: text }, verdict: 'flat' }], [failed])
}
