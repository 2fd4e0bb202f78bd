import { DEFAULT_JOBS, type Plan } from './options.ts'
import type { ModuleSettings } from './replay/contract.ts'
import { formatCount, formatNumber } from './report/format.ts'
import type { Verdict } from './result.ts'
import type { Decision } from './stats/decision.ts'
import type { EntriesResult, WatchedContainer } from './witness/entries.ts'
import { type FiguresResult, MEASURES, type Measure, STANDS_STILL } from './witness/figures.ts'
import type { Sample } from './witness/sampler.ts'
import type { WatchedGroup } from './witness/survivors.ts'

/** What the two witnesses say together. */
export interface Conclusion {
  readonly verdict: Verdict
  /** Why, in one sentence; of an undecided run also what would decide it. */
  readonly because: string
}

/** All that the verdict rests on. */
export interface Evidence {
  readonly plan: Plan
  readonly settings: ModuleSettings
  readonly entries: EntriesResult
  readonly figures: FiguresResult
  readonly samples: readonly Sample[]
}

/** With fewer jobs than this, what one job in twelve adds to a container would pass for none. */
export const MIN_JOBS_FOR_FLAT = 100

/** What a figure counts, for sentences. */
const UNITS: Readonly<Record<Measure, string>> = { heap: 'B', external: 'B', rss: 'B', handles: '' }

const TITLES: Readonly<Record<Measure, string>> = {
  heap: 'the heap',
  external: 'external memory',
  rss: 'RSS',
  handles: 'handles',
}

/**
 * Puts the witnesses together. A container that goes on gaining entries is a leak, and so is external memory, RSS or a
 * count of handles that grows. A heap that grows by bytes alone is undecided: caches that fill, tables that saturate
 * and long waves do that too. Flat needs every measure flat and no container growing.
 */
export function conclude(evidence: Evidence): Conclusion {
  const { entries, figures } = evidence
  const leaks = entries.containers.filter((c) => c.state === 'leaks')
  const kept = entries.groups.filter((group) => group.state === 'leaks')
  if (entries.verdict === 'leak')
    return {
      verdict: 'leak',
      because: [
        ...kept.slice(0, 2).map(describeSurvivors),
        ...leaks.slice(0, 3).map((leak) => describeLeak(leak, entries.cohorts)),
        ...growing(evidence),
      ].join('; '),
    }
  const grows = [...growingCode(evidence), ...growingBytes(evidence), ...growing(evidence)]
  if (grows.length > 0) return { verdict: 'leak', because: grows.join('; ') }

  const doubts = doubtsOf(evidence)
  if (doubts.length > 0) return { verdict: 'undecided', because: doubts.join('; ') }
  const plateaus = entries.containers.map(describePlateau)
  const read = MEASURES.filter((measure) => figures.measures[measure].verdict !== 'unread')
  const flat = read.map((measure) => `${measure} ${describeLevel(measure, figures.measures[measure])}`).join(', ')
  return {
    verdict: 'flat',
    because: [
      `no container gains entries and every measure${read.length < MEASURES.length ? ' that can be read here' : ''} is flat: ${flat}`,
      ...plateaus,
    ].join('; '),
  }
}

function describeLevel(measure: Measure, { verdict, slope }: Decision): string {
  if (verdict === 'waves') return 'moves in waves and comes back'
  return verdict === 'rests' ? 'moves with the time, and is the same after each idle time' : formatRate(slope, measure)
}

/** The measures whose growth is a leak by itself. */
function growing({ figures, samples }: Evidence): string[] {
  return MEASURES.filter((measure) => measure !== 'heap' && figures.measures[measure].verdict === 'grows').map(
    (measure) => {
      const { slope, low, high } = figures.measures[measure]
      const interval = `95 % interval ${formatNumber(low)} to ${formatNumber(high)}`
      const over = `over ${formatCount(figures.jobs)} jobs`
      if (measure === 'handles')
        return `handles (${risen(samples).join(', ')}) grow by ${formatRate(slope, measure)} (${interval}) ${over}`
      const { heap } = figures.measures
      const byHeap = measure === 'rss' && heap.low > 0 ? `, the heap by ${formatRate(heap.slope, 'heap')},` : ''
      return `${TITLES[measure]} grows by ${formatRate(slope, measure)} (${interval})${byHeap} ${over}`
    },
  )
}

/** Code that is compiled anew for each job and kept leaves no object behind that a snapshot shows. */
function growingCode({ figures }: Evidence): string[] {
  const { code, measures, jobs } = figures
  if (code?.verdict !== 'grows') return []
  const all = formatRate(measures.heap.slope, 'heap')
  return [
    `compiled code grows by ${formatRate(code.slope, 'heap')}, the heap with what belongs to it by ${all}, over ${formatCount(jobs)} jobs: something compiles new code for each job, such as vm.runInThisContext, vm.Script or vm.compileFunction; compile once, and pass what varies as values`,
  ]
}

/** One text that is added to is as many objects as before: the heap of one witness and the bytes of the other say it together. */
function growingBytes({ figures, entries }: Evidence): string[] {
  const [group] = entries.heavier
  if (!group || figures.measures.heap.verdict !== 'grows') return []
  const [own, all] = [group.bytesPerJob, figures.measures.heap.slope].map((rate) => formatRate(rate, 'heap'))
  return [
    `the same number of ${group.constructorName} grows by ${own} at ${group.path.join(' → ')}, and the heap by ${all} over ${formatCount(figures.jobs)} jobs`,
  ]
}

/** Which of the three kinds of handles rose over the last half of the samples. */
function risen(samples: readonly Sample[]): string[] {
  const late = samples.slice(Math.floor(samples.length / 2))
  const first = late[0]
  const last = late.at(-1)
  if (!first || !last) return []
  const kinds = {
    'open descriptors': 'descriptors',
    'active resources': 'resources',
    'listeners on process': 'listeners',
  } as const
  return Object.entries(kinds).flatMap(([title, key]) => (last[key] > first[key] ? [title] : []))
}

function doubtsOf({ plan, settings, entries, figures }: Evidence): string[] {
  const doubts: string[] = []
  if (entries.verdict === 'undecided') {
    const fills = [
      ...entries.containers.filter((c) => c.state === 'fills').map(describeFilling),
      ...entries.groups.filter((group) => group.state === 'fills').map(describeGathering),
    ]
    doubts.push(
      `${fills.slice(0, 3).join(', ')} after ${entries.cohorts} cohorts; more jobs (--jobs ${2 * plan.jobs}) would tell`,
    )
  }
  if (MEASURES.every((measure) => Number.isNaN(figures.measures[measure].slope)))
    doubts.push(`too few samples ${spanOf(figures)}; ${remedyFor(figures, plan)} would tell`)
  else
    for (const measure of MEASURES) {
      const decision = figures.measures[measure]
      if (!STANDS_STILL.includes(decision.verdict)) doubts.push(describeDoubt(measure, decision, figures, plan))
    }
  if (plan.jobs < MIN_JOBS_FOR_FLAT)
    doubts.push(`${countJobs(plan.jobs)} cannot show anything flat; replay more (--jobs ${DEFAULT_JOBS})`)
  if (
    settings.traceLines !== undefined &&
    settings.traceLines < Math.max(figures.jobs, entries.jobs) &&
    !settings.varies
  ) {
    doubts.push(
      `the trace has ${countJobs(settings.traceLines)} and was repeated as it is, so that a cache keyed by the data would not show; export harness.vary(data, i), or give a longer trace`,
    )
  }
  return doubts
}

/** The measures are sampled together: all of them have a slope, or none has. */
function describeDoubt(measure: Measure, decision: Decision, figures: FiguresResult, plan: Plan): string {
  const over = spanOf(figures)
  const rate = formatRate(decision.slope, measure)
  if (decision.verdict === 'grows')
    return `the heap grows by ${rate} ${over} while no container gains entries: look at what each job adds to an object, a string or a listener list, and give a longer lifetime (harness.lifetime) if it is meant to live`
  const interval = `95 % interval ${formatNumber(decision.low)} to ${formatNumber(decision.high)}`
  return `${TITLES[measure]} could not be shown flat ${over}: ${rate}, ${interval}, net growth ${formatNumber(decision.growth)}, budget ${formatNumber(plan.budget[measure])}; ${remedyFor(figures, plan)} would tell`
}

/** The jobs that the figures rest on, and what kept them from being more. */
function spanOf({ jobs, end }: FiguresResult): string {
  const limits = {
    time: ' (the time was up: --time)',
    memory: ' (memory had grown past the limit)',
    jobs: '',
    decided: '',
    elsewhere: '',
  }
  return `over ${countJobs(jobs)}${limits[end]}`
}

function remedyFor({ end }: FiguresResult, { timeMs, concurrency }: Plan): string {
  if (end === 'time') return `more time (--time ${Math.ceil((2 * timeMs) / 1000)}s)`
  return concurrency === 1 ? 'more jobs (--jobs)' : 'more jobs (--jobs), or fewer at once (--concurrency),'
}

function describeSurvivors({ series, path }: WatchedGroup): string {
  const { constructorName, last } = series
  return `${formatCount(last.survivors)} ${constructorName} outlived the cohort they were born in and went on gathering, kept by ${path.join(' → ')}`
}

function describeLeak({ series, path }: WatchedContainer, cohorts: number): string {
  const { perJob, from, to } = gainOf(series)
  const who =
    series.containers > 1
      ? `${formatCount(series.containers)} objects of class ${series.name} together`
      : `${article(series.name)} ${series.name}`
  const where = path.length === 0 ? '' : `, at ${path.join(' → ')},`
  return `${who}${where} gained ${perJob.toFixed(3)} entries a job over ${cohorts} cohorts (${formatCount(from)} to ${formatCount(to)})`
}

function describeGathering({ series, path }: WatchedGroup): string {
  return `${formatCount(series.last.population)} ${series.constructorName} are still gathering in ${path.join(' → ')}`
}

function describeFilling({ series }: WatchedContainer): string {
  const { to } = gainOf(series)
  return `${article(series.name)} ${series.name} is still filling at ${formatCount(to)} entries`
}

function describePlateau({ series }: WatchedContainer): string {
  const who = `${article(series.name)} ${series.name}`
  const { to } = gainOf(series)
  const most = Math.max(...series.sizes.map(({ size }) => size))
  return to < most
    ? `${who} rose to ${formatCount(most)} entries and fell to ${formatCount(to)}`
    : `${who} fills, plateau ${formatCount(to)}`
}

/** What a series gained, from its first count to its last. */
export function gainOf({ sizes }: Pick<WatchedContainer['series'], 'sizes'>): {
  readonly from: number
  readonly to: number
  readonly perJob: number
} {
  const first = sizes[0]
  const last = sizes.at(-1)
  if (!first || !last || last.job === first.job) return { from: 0, to: 0, perJob: 0 }
  return { from: first.size, to: last.size, perJob: (last.size - first.size) / (last.job - first.job) }
}

function formatRate(value: number, measure: Measure): string {
  return `${formatNumber(value)} ${UNITS[measure]}`.trimEnd().concat(' a job')
}

function countJobs(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'job' : 'jobs'}`
}

function article(name: string): string {
  return /^[AEIOU]/.test(name) ? 'an' : 'a'
}
