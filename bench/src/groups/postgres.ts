import { byRound } from '../by-round.ts'
import { measureInTurn } from '../drain/in-turn.ts'
import type { DrainFigures } from '../drain/measure.ts'
import { SUBJECTS, type SubjectName } from '../drain/subjects.ts'
import type { Group, GroupContext } from '../group.ts'

/** Rounds by default. */
const ROUNDS = 3

/** Jobs that are drained before any is measured, those that are, and single jobs after them. */
const WARM_UP = 5_000
const JOBS = 20_000
const PICK_UPS = 200

const NAMES = Object.keys(SUBJECTS) as SubjectName[]

/** P2: how fast a worker drains a queue in Postgres, beside its peers and a bare loop of SQL. */
export const postgres: Group = {
  name: 'postgres',
  targets: ['P2'],
  async run({ row, target, signal, rounds = ROUNDS }) {
    const onDone = (name: SubjectName, all: readonly DrainFigures[]): void => showRows(row, SUBJECTS[name].title, all)
    const figures = await measureInTurn(NAMES, {
      jobs: JOBS,
      warmUp: WARM_UP,
      pickUps: PICK_UPS,
      rounds,
      signal,
      onDone,
    })
    const drained = (name: SubjectName): number[] => figures[name].map(({ drainedPerSecond }) => drainedPerSecond)
    // What a peer can be set to in several ways counts at its best.
    const peers = {
      'graphile-local-queue': { limit: 1.5, rounds: drained('graphile-local') },
      'pg-boss-batch': { limit: 1.5, rounds: byRound(Math.max, drained('boss-100'), drained('boss-500')) },
      'pg-boss-one': { limit: 10, rounds: drained('boss-1') },
      'bare-sql': { limit: 0.8, rounds: byRound(Math.max, drained('bare-1'), drained('bare-2'), drained('bare-4')) },
    }
    for (const [suffix, ours] of [
      ['', drained('isobar')],
      ['-retain', drained('isobar-retain')],
    ] as const) {
      for (const [peer, { limit, rounds: theirs }] of Object.entries(peers)) {
        const ratio = byRound((a, b) => a / b, ours, theirs)
        target({ id: 'P2', name: `${peer}${suffix}`, is: '>=', limit, rounds: ratio })
      }
    }
    const pickUps = figures.isobar.map(({ pickUpP50 }) => pickUpP50)
    target({ id: 'P2', name: 'pick-up-p50-ms', is: '<=', limit: 10, rounds: pickUps })
  },
}

function showRows(row: GroupContext['row'], title: string, all: readonly DrainFigures[]): void {
  const of = (value: (figures: DrainFigures) => number): number[] => all.map(value)
  row({ name: `${title}: drain`, unit: 'jobs/s', rounds: of(({ drainedPerSecond }) => drainedPerSecond) })
  row({ name: `${title}: worker CPU`, unit: 'us a job', rounds: of(({ cpuUs }) => cpuUs) })
  row({ name: `${title}: peak RSS`, unit: 'MB', rounds: of(({ peakRss }) => peakRss / 1e6) })
  row({ name: `${title}: enqueue`, unit: 'jobs/s', rounds: of(({ enqueuedPerSecond }) => enqueuedPerSecond) })
  row({ name: `${title}: pick-up p50`, unit: 'ms', rounds: of(({ pickUpP50 }) => pickUpP50) })
  row({ name: `${title}: pick-up p99`, unit: 'ms', rounds: of(({ pickUpP99 }) => pickUpP99) })
}
