import type { TimedEntry } from '../crash/journal.ts'
import { type Evidence, judge, type Verdict } from '../crash/judge.ts'
import { MAX_ALONE_CRASHES, POISON_STARTS, type Task } from './plan.ts'

/** All that is known after a chaos test. */
export interface ChaosEvidence extends Omit<Evidence, 'maxCrashes' | 'planned'> {
  readonly planned: ReadonlyMap<string, Task>
  /**
   * Whether the runtime tells whose an exception is that nobody caught. Deno does not, of what a timer's callback throws: all
   * that ran beside it are suspects then, uncharged as ever.
   */
  readonly tellsThrower: boolean
}

/** What came of it. */
export interface ChaosVerdict extends Verdict {
  /** Crashes of jobs that were alone, which cost them an attempt each. */
  readonly charged: number
  /** Starts beside a job whose exception nobody caught: they cost nothing, and leave no suspicion. */
  readonly besides: number
}

/**
 * Judges a chaos test by what the handlers wrote themselves, as the crash test is judged, once the crashes have been
 * sorted: a job that takes its isolate down while it is alone has failed; one that ran beside an exception that is known
 * to be another's has not run at all, and must not be suspected; a poison pill is dead after exactly so many starts, and
 * nobody else is dead for having crashed.
 */
export function judgeChaos({ planned, journal, statuses, dead, tellsThrower }: ChaosEvidence): ChaosVerdict {
  const violations: string[] = []
  const starts = Map.groupBy(
    journal.filter(({ what }) => what === 'start'),
    ({ id }) => id,
  )
  const wasAlone = (crash: TimedEntry): boolean =>
    (starts.get(crash.id)?.findLast(({ at }) => at <= crash.at)?.crashes ?? 0) > 0

  const besides = new Set<TimedEntry>()
  for (const [start, next] of tellsThrower ? neighbours(journal, starts) : []) {
    if (start.crashes === next.crashes) besides.add(start)
    else violations.push(`${start.name} ${start.id}: suspected, and the exception was another's`)
  }

  const charged = new Map<string, number>()
  const sorted = journal
    .filter((entry) => !besides.has(entry))
    .map((entry): TimedEntry => {
      if (entry.what !== 'crash' || !wasAlone(entry)) return entry
      charged.set(entry.id, (charged.get(entry.id) ?? 0) + 1)
      return { ...entry, what: 'fail' }
    })

  const letters = new Map(dead.map((letter) => [letter.id, letter]))
  for (const [id, { mischief, always }] of planned) {
    const wrong = (what: string): void => void violations.push(`${mischief ?? 'task'} ${id}: ${what}`)
    const { reason } = letters.get(id) ?? {}
    const own = sorted.filter((entry) => entry.id === id && entry.what === 'start').length
    if (always && reason !== 'crashed') wrong(`a poison pill, and ${reason ?? 'not dead'}`)
    if (always && own !== POISON_STARTS) wrong(`a poison pill that was started ${own} times`)
    if (!always && reason === 'crashed') wrong('dead for having crashed, and no poison pill')
  }

  const verdict = judge({
    planned: new Map([...planned].map(([id, task]) => [id, { ...task, fails: task.fails + (charged.get(id) ?? 0) }])),
    journal: sorted,
    statuses,
    dead,
    maxCrashes: MAX_ALONE_CRASHES,
  })
  return {
    ...verdict,
    starts: journal.filter(({ what }) => what === 'start').length,
    violations: [...violations, ...verdict.violations],
    charged: [...charged.values()].reduce((sum, count) => sum + count, 0),
    besides: besides.size,
  }
}

/** The starts that were cut short by an exception of another job's, each with the next start of the same attempt. */
function* neighbours(
  journal: readonly TimedEntry[],
  starts: ReadonlyMap<string, readonly TimedEntry[]>,
): Generator<readonly [start: TimedEntry, next: TimedEntry]> {
  const byPid = Map.groupBy(journal, ({ pid }) => pid)
  for (const { pid, id, how } of journal) {
    if (how !== 'uncaught') continue
    const there = byPid.get(pid) ?? []
    for (const start of there) {
      const isOver = there.some((entry) => entry.id === start.id && (entry.what === 'end' || entry.what === 'fail'))
      if (start.what !== 'start' || start.id === id || isOver) continue
      const next = starts.get(start.id)?.find(({ at, attempt }) => at > start.at && attempt === start.attempt)
      if (next) yield [start, next]
    }
  }
}
