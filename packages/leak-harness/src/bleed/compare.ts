import { type BleedJob, keyOf, type Observation } from './observation.ts'

/** What the jobs of one run came to, by number. */
export type Results = ReadonlyMap<number, Observation>

/** The same jobs, one round of runs. Each run is in a process of its own; one that was not made has no results. */
export interface Round {
  readonly forward: Results
  readonly reversed: Results
  /** In order, after other jobs. */
  readonly used: Results
  /** Of some jobs: with nothing before them. */
  readonly alone: Results
}

/** A job that comes to something else in other company. */
export interface Difference {
  readonly job: BleedJob
  readonly between: 'alone' | 'orders' | 'used'
  /** Times that it did: of the two that are compared, as often as the one that was done less often. */
  readonly times: number
}

/** What some rounds show. */
export interface Comparison {
  /** Those that came to the same in every round where they differed. */
  readonly differences: readonly Difference[]
  /** Jobs that came to different things when the same was done twice. */
  readonly unsteady: ReadonlySet<number>
  /** Types that have such jobs: that another of theirs differs may be chance. */
  readonly restless: ReadonlySet<string>
}

/**
 * Compares what jobs came to over rounds that were run one after another. As the runs of a round alternate, what only
 * changes with time, such as a date, is unsteady sooner than it differs.
 */
export function compare(jobs: readonly BleedJob[], rounds: readonly Round[]): Comparison {
  const differences: Difference[] = []
  const unsteady = new Set<number>()
  const restless = new Set<string>()
  for (const job of jobs) {
    const keys = (results: (round: Round) => Results): string[] => keysOf(job, rounds.map(results))
    const [forward, reversed] = [keys((round) => round.forward), keys((round) => round.reversed)]
    const [used, alone] = [keys((round) => round.used), keys((round) => round.alone)]
    const isSteady = areSame(forward) && areSame(reversed)
    if (!isSteady) unsteady.add(job.number)
    if (!isSteady || !areSame(used)) restless.add(job.name)
    const add = (between: Difference['between'], other: readonly string[]): void => {
      differences.push({ job, between, times: Math.min(forward.length, other.length) })
    }
    // Of a job that is itself when it is alone, whatever it is in company shows: also what differs each time.
    if (differFrom(alone, forward)) add('alone', alone)
    else if (isSteady && differFrom(forward, reversed)) add('orders', reversed)
    else if (isSteady && areSame(used) && differFrom(forward, used)) add('used', used)
  }
  return { differences, unsteady, restless }
}

function keysOf({ number }: BleedJob, results: readonly Results[]): string[] {
  return results.flatMap((result) => {
    const observation = result.get(number)
    return observation ? [keyOf(observation)] : []
  })
}

function areSame(keys: readonly string[]): boolean {
  return keys.every((key) => key === keys[0])
}

/** Whether these are one and the same, and those never that. */
function differFrom(these: readonly string[], those: readonly string[]): boolean {
  return these.length > 0 && those.length > 0 && areSame(these) && those.every((key) => key !== these[0])
}
