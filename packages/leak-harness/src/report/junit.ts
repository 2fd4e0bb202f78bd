import { baselineNotes, isAccepted } from '../baseline/baseline-report.ts'
import type { FailedRun, HarnessReport, RunReport } from '../result.ts'
import { MEASURES } from '../witness/figures.ts'
import { escapeMarkup } from './html/markup.ts'
import { ALL_TYPES, becauseOf, runtimeOf } from './side-by-side.ts'
import { toText } from './terminal.ts'

/** What became of one test case. */
type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failure' | 'error'; readonly type: string; readonly message: string; readonly text: string }

interface Case {
  readonly name: string
  readonly outcome: Outcome
}

interface Suite {
  readonly name: string
  readonly module: string
  readonly seconds: number
  readonly properties: Readonly<Record<string, string>>
  readonly cases: readonly Case[]
  readonly output: string
}

const PASSED: Outcome = { kind: 'passed' }

/**
 * The report as JUnit XML, as CI systems read it: a suite a run, a test case a job type. A leak is a failure unless a
 * baseline accepts it, a run that failed an error, and what is undecided a failure unless `allowUndecided`.
 */
export function toJunit(
  report: HarnessReport,
  { allowUndecided = false }: { readonly allowUndecided?: boolean } = {},
): string {
  const suites = [
    ...report.runs.map((run) => toSuite(run, report, allowUndecided)),
    ...report.failed.map((run) => toFailedSuite(run, report)),
  ]
  const totals = attributes({ name: 'leak-harness', ...countsOf(suites.flatMap(({ cases }) => cases)) })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${totals}>\n${suites.map(suiteXml).join('')}</testsuites>\n`
}

function toSuite(run: RunReport, report: HarnessReport, allowUndecided: boolean): Suite {
  const text = toText({ ...report, runs: [run], failed: [] }, { colours: false })
  const outcomeOf = (verdict: string, message: string): Outcome => {
    const passes =
      verdict === 'flat' ||
      verdict === 'clean' ||
      (verdict === 'leak' && isAccepted(run)) ||
      (verdict === 'undecided' && (allowUndecided || isAccepted(run)))
    return passes ? PASSED : { kind: 'failure', type: verdict, message, text }
  }
  const whole: Case = { name: ALL_TYPES, outcome: outcomeOf(run.verdict, run.because) }
  const types = run.jobTypes.map(
    (type): Case => ({ name: type.name, outcome: outcomeOf(type.verdict, becauseOf(type, run)) }),
  )
  const { bleed } = run
  return {
    name: `${run.module} (${runtimeOf(run)})`,
    module: run.module,
    seconds: run.ms / 1000,
    properties: propertiesOf(run),
    cases: [
      // Several types may leak together when none does alone.
      ...(types.length === 1 ? types : [...types, whole]),
      ...(bleed ? [{ name: 'bleed check', outcome: bleedOutcome(bleed, text, allowUndecided) }] : []),
    ],
    output: baselineNotes(run).join('\n'),
  }
}

/** A baseline is of memory alone. */
function bleedOutcome(
  { verdict, because }: NonNullable<RunReport['bleed']>,
  text: string,
  allowUndecided: boolean,
): Outcome {
  const passes = verdict === 'clean' || (verdict === 'undecided' && allowUndecided)
  return passes ? PASSED : { kind: 'failure', type: verdict, message: because, text }
}

function toFailedSuite(run: FailedRun, report: HarnessReport): Suite {
  const text = toText({ ...report, runs: [], failed: [run] }, { colours: false })
  return {
    name: `${run.module} (${runtimeOf(run)})`,
    module: run.module,
    seconds: 0,
    properties: { runtime: runtimeOf(run) },
    cases: [{ name: ALL_TYPES, outcome: { kind: 'error', type: run.code, message: run.error, text } }],
    output: '',
  }
}

function propertiesOf(run: RunReport): Record<string, string> {
  const figures = MEASURES.flatMap((measure) => {
    const { slope, low, high, mde, budget, verdict } = run.measures[measure]
    return Object.entries({ slope, low, high, mde, budget, verdict }).map(
      ([name, value]) => [`${measure}.${name}`, value === null ? 'none' : String(value)] as const,
    )
  })
  const { runtime, verdict, jobs, warmup, seed, distinctData, outcomes } = run
  const own = { runtime: `${runtime.name} ${runtime.version}`, verdict, jobs, warmup, seed, distinctData }
  const counts = { done: outcomes.done, failed: outcomes.failed }
  return Object.fromEntries([
    ...Object.entries({ ...own, ...counts }).map(([name, value]) => [name, String(value)]),
    ...figures,
  ])
}

function countsOf(cases: readonly Case[]): Record<string, number> {
  const count = (kind: Outcome['kind']): number => cases.filter(({ outcome }) => outcome.kind === kind).length
  return { tests: cases.length, failures: count('failure'), errors: count('error') }
}

function suiteXml({ name, module, seconds, properties, cases, output }: Suite): string {
  const head = attributes({ name, ...countsOf(cases), skipped: 0, time: seconds.toFixed(3) })
  const lines = Object.entries(properties).map(
    ([key, value]) => `      <property ${attributes({ name: key, value })}/>\n`,
  )
  return [
    `  <testsuite ${head}>\n    <properties>\n${lines.join('')}    </properties>\n`,
    ...cases.map((one) => caseXml(one, module)),
    output === '' ? '' : `    <system-out>${escapeMarkup(output)}</system-out>\n`,
    '  </testsuite>\n',
  ].join('')
}

function caseXml({ name, outcome }: Case, module: string): string {
  const head = `    <testcase ${attributes({ name, classname: module })}`
  if (outcome.kind === 'passed') return `${head}/>\n`
  const { kind, type, message, text } = outcome
  return `${head}>\n      <${kind} ${attributes({ type, message })}>${escapeMarkup(text)}</${kind}>\n    </testcase>\n`
}

/** Ends of lines and tabs are spaces to a reader of an attribute, unless they are written as references. */
function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(
      ([name, value]) =>
        `${name}="${escapeMarkup(String(value)).replace(/[\t\n\r]/g, (end) => `&#${end.charCodeAt(0)};`)}"`,
    )
    .join(' ')
}
