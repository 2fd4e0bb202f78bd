import type { BleedFinding, BleedReport } from './bleed-report.ts'
import { type Comparison, compare, type Difference, type Results, type Round } from './compare.ts'
import { explain, type Lab } from './explain.ts'
import { type BleedJob, keyOf, type Observation } from './observation.ts'
import { toBecause } from './sentence.ts'

/** Rounds in any case: the second is the control of the first. */
export const MIN_ROUNDS = 2

/** Rounds that a difference must stand. */
export const CALM_ROUNDS = 3

/** Rounds that it must stand where it may well be chance: a coin that is tossed comes up so once in 500,000 times. */
export const DOUBTFUL_ROUNDS = 10

/** Rounds at most: one that was not open for a while has to catch up. */
const MAX_ROUNDS = 12

/** A type with fewer jobs does not show whether they are of chance. */
const MIN_CALM_JOBS = 8

/** Types of which a job is also run alone. */
const MAX_ALONE = 12

/** Types whose culprits are looked for. */
const MAX_EXPLAINED = 5

/** Changes of the process in a report. */
const MAX_CHANGES = 50

/** What is compared, and where. */
export interface BleedOptions {
  readonly lab: Lab
  readonly jobs: readonly BleedJob[]
  /** What a used process has done before; with none that is not tried. */
  readonly others: readonly BleedJob[]
  /** Whether there is time for more than must be. */
  readonly hasTime: () => boolean
}

/** All that a report has, but what the lab itself knows. */
export type BleedResult = Omit<BleedReport, 'processes' | 'ms'>

/**
 * Finds the job types that come to something else when others ran before.
 *
 * The jobs are done in order and in reverse, each in a fresh process, then in order in a used one; and the last job of
 * each type alone. This is a round. The second round is the control: jobs that differ from themselves cannot be
 * compared. What differs has to do so in each further round, and not by the time that it took. Then one job of each type
 * that does shows who is behind it.
 */
export async function checkBleed(options: BleedOptions): Promise<BleedResult> {
  const { lab, jobs, others } = options
  const byType = groupBy(jobs, ({ name }) => name)
  const rounds: Round[] = []
  let comparison: Comparison
  let unproven: Difference[]
  do {
    rounds.push(await runRound(options, rounds.length, compare(jobs, rounds).differences))
    comparison = compare(jobs, rounds)
    const { restless } = comparison
    unproven = comparison.differences.filter(({ job: { name }, times }) => {
      const isDoubtful = restless.has(name) || (byType.get(name)?.length ?? 0) < MIN_CALM_JOBS
      return times < (isDoubtful ? DOUBTFUL_ROUNDS : CALM_ROUNDS)
    })
  } while (rounds.length < MIN_ROUNDS || (unproven.length > 0 && mayGoOn(rounds.length, options)))

  const proven = comparison.differences.filter((difference) => !unproven.includes(difference))
  const ofTime = await dependingOnTime(options, proven, rounds)
  const differences = proven.filter((difference) => !ofTime.includes(difference))
  const findings: BleedFinding[] = []
  for (const ofType of groupBy(differences, ({ job }) => job.name).values()) {
    const withCulprits = findings.length < MAX_EXPLAINED && options.hasTime()
    findings.push(await explain(ofType, { lab, jobs, others, round: rounds[0] as Round, withCulprits }))
  }

  const differing = new Set(differences.map(({ job }) => job.number))
  const doubtful = [...comparison.unsteady, ...[...unproven, ...ofTime].map(({ job }) => job.number)]
  const left = new Set(doubtful.filter((number) => !differing.has(number)))
  const result = {
    verdict: verdictOn(findings.length, unproven.length, jobs.length - left.size),
    jobs: jobs.length,
    compared: jobs.length - left.size,
    notComparable: [...byType]
      .map(([type, ofType]) => ({
        type,
        jobs: ofType.filter(({ number }) => left.has(number)).length,
        of: ofType.length,
      }))
      .filter((type) => type.jobs > 0),
    findings,
    changes: changesIn(jobs, rounds),
    used: others.length > 0,
  }
  return { because: toBecause(result, unproven.length, [...(rounds[0]?.forward.values() ?? [])]), ...result }
}

/** Differences that are of the time that jobs took, such as by cold code: with other clocks they come to something else. */
async function dependingOnTime(
  options: BleedOptions,
  differences: readonly Difference[],
  rounds: readonly Round[],
): Promise<Difference[]> {
  if (differences.length === 0) return []
  const [first] = rounds as readonly [Round, ...Round[]]
  const jumping = await runRound(options, MIN_ROUNDS, differences, true)
  return differences.filter(({ job: { number }, between }) => {
    const isSame = (one: Results, other: Results): boolean => {
      const [a, b] = [one.get(number), other.get(number)]
      return a !== undefined && b !== undefined && keyOf(a) === keyOf(b)
    }
    const isSteady = rounds.every((round) => isSame(round.forward, first.forward))
    const side = between === 'orders' ? 'reversed' : between
    return !isSame(jumping[side], first[side]) || (isSteady && !isSame(jumping.forward, first.forward))
  })
}

function verdictOn(findings: number, unproven: number, compared: number): BleedReport['verdict'] {
  if (findings > 0) return 'bleeds'
  return unproven > 0 || compared === 0 ? 'undecided' : 'clean'
}

function mayGoOn(rounds: number, { hasTime }: BleedOptions): boolean {
  return rounds < CALM_ROUNDS || (rounds < MAX_ROUNDS && hasTime())
}

/** One run of each kind, one after another; once it is told what is open, no more than that takes. */
async function runRound(
  { lab, jobs, others }: BleedOptions,
  round: number,
  open: readonly Difference[],
  clockJumps = false,
): Promise<Round> {
  const run = (these: readonly BleedJob[]): Promise<readonly Observation[]> => lab.run(these, clockJumps)
  const isOpen = (between: Difference['between']): boolean => open.some((difference) => difference.between === between)
  const forward = await run(jobs)
  const reversed = round < MIN_ROUNDS || isOpen('orders') ? await run([...jobs].reverse()) : []
  const used = others.length > 0 && (round === 0 || isOpen('used')) ? await run([...others, ...jobs]) : []
  const lastOfEach = [...new Map(jobs.map((job) => [job.name, job])).values()].slice(0, MAX_ALONE)
  const toRunAlone = round === 0 ? lastOfEach : open.filter(({ between }) => between === 'alone').map(({ job }) => job)
  const alone: Observation[] = []
  for (const job of toRunAlone) alone.push(...(await run([job])))
  return {
    forward: toResults(forward),
    reversed: toResults(reversed),
    used: toResults(used),
    alone: toResults(alone),
  }
}

function changesIn(jobs: readonly BleedJob[], rounds: readonly Round[]): BleedReport['changes'] {
  const changes = new Map<string, BleedReport['changes'][number]>()
  for (const { forward, reversed } of rounds) {
    for (const { number, name } of jobs) {
      const names = [...(forward.get(number)?.changes ?? []), ...(reversed.get(number)?.changes ?? [])]
      for (const what of names) changes.set(`${name} ${what}`, { type: name, what })
    }
  }
  return [...changes.values()].slice(0, MAX_CHANGES)
}

function toResults(observations: readonly Observation[]): Results {
  return new Map(observations.map((observation) => [observation.number, observation]))
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}
