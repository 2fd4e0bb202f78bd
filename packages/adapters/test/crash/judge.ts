import type { DeadLetter, JobStatus } from '@isobar/core'
import type { TimedEntry } from './journal.ts'
import { ATTEMPTS, type Work } from './plan.ts'

/** All that is known after a crash test. */
export interface Evidence {
  /** What was enqueued, by id. */
  readonly planned: ReadonlyMap<string, Work>
  readonly journal: readonly TimedEntry[]
  /** What the broker says of each job of the plan and of each follow-up that was seen. */
  readonly statuses: ReadonlyMap<string, JobStatus | undefined>
  readonly dead: readonly DeadLetter[]
  readonly maxCrashes: number
}

/** What came of it. */
export interface Verdict {
  /** What should not be, in words. None is good. */
  readonly violations: readonly string[]
  readonly done: number
  readonly exhausted: number
  /** Dead for having lost its worker too often. */
  readonly crashed: number
  readonly starts: number
  /** Handlers that were started again for an attempt that had been started before. */
  readonly repeats: number
}

/**
 * Judges a crash test by what the handlers wrote themselves: every job is done or dead; no outcome took effect twice;
 * attempts count failures only, and crashes are counted apart.
 */
export function judge({ planned, journal, statuses, dead, maxCrashes }: Evidence): Verdict {
  const violations: string[] = []
  const entries = groupBy(journal, ({ id }) => id)
  const followUps = groupBy(
    journal.filter(({ of }) => of !== undefined),
    ({ of = '' }) => of,
  )
  const letters = new Map(dead.map((letter) => [letter.id, letter]))
  const counts = { done: 0, exhausted: 0, crashed: 0, repeats: 0 }

  for (const [id, own] of entries) {
    const wrong = (what: string): void => void violations.push(`${own[0]?.name} ${id}: ${what}`)
    const starts = own.filter(({ what }) => what === 'start')
    counts.repeats += starts.length - new Set(starts.map(({ attempt }) => attempt)).size
    const deliveries = new Set(starts.map(({ attempt, crashes }) => `${attempt}/${crashes}`))
    if (deliveries.size < starts.length) wrong('a delivery was started twice')
    for (const start of starts) {
      const failed = (entry: TimedEntry): boolean =>
        entry.what === 'fail' && entry.attempt === start.attempt - 1 && entry.at <= start.at
      if (start.attempt > 1 && !own.some(failed)) wrong(`attempt ${start.attempt} began, and none before it had failed`)
    }
  }

  for (const [id, { fails }] of planned) {
    const wrong = (what: string): void => void violations.push(`work ${id}: ${what}`)
    const status = statuses.get(id)
    const own = entries.get(id) ?? []
    const acks = new Set(followUps.get(id)?.map((entry) => entry.id)).size
    if (status?.state === 'done') {
      counts.done++
      if (status.attempt !== fails + 1) wrong(`done at attempt ${status.attempt} after ${fails} failures`)
      if (!own.some(({ what, attempt }) => what === 'end' && attempt === fails + 1)) wrong('done, and never ended')
      if (acks !== 1) wrong(`done with ${acks} follow-ups`)
    } else if (status?.state === 'dead') {
      const letter = letters.get(id)
      if (letter?.reason === 'crashed') {
        counts.crashed++
        if (letter.crashes < maxCrashes) wrong(`dead after ${letter.crashes} crashes`)
      } else {
        counts.exhausted++
        if (letter?.reason !== 'exhausted' || fails < ATTEMPTS || letter.attempts !== ATTEMPTS)
          wrong(`dead as ${letter?.reason} after ${letter?.attempts} attempts`)
      }
      if (acks !== 0) wrong(`dead with ${acks} follow-ups`)
    } else {
      wrong(`lost: it is ${status?.state ?? 'not known'}, and was started ${own.length} times`)
    }
  }

  for (const { id, of = '' } of new Map([...followUps.values()].flat().map((entry) => [entry.id, entry])).values()) {
    if (!planned.has(of)) violations.push(`after ${id}: of nothing that was enqueued`)
    if (statuses.get(id)?.state !== 'done' && letters.get(id)?.reason !== 'crashed')
      violations.push(`after ${id}: it is ${statuses.get(id)?.state}`)
  }
  return { violations, ...counts, starts: journal.filter(({ what }) => what === 'start').length }
}

function groupBy<Value>(values: readonly Value[], key: (value: Value) => string): Map<string, Value[]> {
  const groups = new Map<string, Value[]>()
  for (const value of values) {
    const group = groups.get(key(value))
    if (group) group.push(value)
    else groups.set(key(value), [value])
  }
  return groups
}
