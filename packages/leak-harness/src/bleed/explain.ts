import type { BleedFinding } from './bleed-report.ts'
import type { Difference, Round } from './compare.ts'
import { findCulprits } from './culprits.ts'
import { type BleedJob, keyOf, type Observation } from './observation.ts'
import { previewsOf } from './preview.ts'

/** Processes that the search for the culprits of one finding may take. */
export const MAX_PROBES = 12

/** Where jobs are done: each call in a process of its own. */
export interface Lab {
  /** Does the jobs one after another in a fresh process; with a clock that jumps ahead at each look, if so. */
  run(jobs: readonly BleedJob[], clockJumps?: boolean): Promise<readonly Observation[]>
}

/** What an explanation takes. */
export interface ExplainOptions {
  readonly lab: Lab
  readonly jobs: readonly BleedJob[]
  readonly others: readonly BleedJob[]
  readonly round: Round
  /** Whether to look for who makes the difference. */
  readonly withCulprits: boolean
}

/** Shows by one job of a type what differs, and after whom. */
export async function explain(
  differences: readonly Difference[],
  { lab, jobs, others, round, withCulprits }: ExplainOptions,
): Promise<BleedFinding> {
  // One of those that were run alone is at hand already.
  const { job, between } = (differences.find((one) => one.between === 'alone') ?? differences[0]) as Difference
  const { number, name } = job
  const alone = round.alone.get(number) ?? (await observationIn(lab, [job]))
  const forward = round.forward.get(number) as Observation
  const place = jobs.indexOf(job)
  const before = jobs.slice(0, place)
  const companies = {
    forward: { after: forward, before },
    reversed: { after: round.reversed.get(number) ?? forward, before: jobs.slice(place + 1).reverse() },
    used: { after: round.used.get(number) ?? forward, before: [...others, ...before] },
  }
  // Of two that differ from each other one differs from what it is alone.
  const order = keyOf(forward) !== keyOf(alone) ? 'forward' : between === 'used' ? 'used' : 'reversed'
  const company = companies[order]
  const differsAfter = async (types: readonly string[]): Promise<boolean> => {
    const some = company.before.filter((one) => types.includes(one.name))
    return keyOf(await observationIn(lab, [...some, job])) !== keyOf(alone)
  }
  const types = [...new Set(company.before.map((one) => one.name))]
  const culprits = withCulprits ? await findCulprits(types, differsAfter, MAX_PROBES) : undefined
  const by = culprits && culprits.types.length > 0 ? culprits.types : null
  const kind = alone.outcome === company.after.outcome ? 'result' : 'outcome'
  const [textAlone, textAfter] =
    kind === 'result' ? previewsOf(alone.text, company.after.text) : previewsOf(alone.outcome, company.after.outcome)
  return {
    type: name,
    job: number,
    jobs: differences.length,
    kind,
    alone: textAlone,
    after: textAfter,
    by,
    more: culprits?.isComplete !== true,
    order,
  }
}

/** What the last of the jobs comes to after those before it. */
async function observationIn(lab: Lab, jobs: readonly BleedJob[]): Promise<Observation> {
  return (await lab.run(jobs)).at(-1) as Observation
}
