import { byRound } from '../by-round.ts'
import { type DrainFigures, measureSubject } from '../drain/measure.ts'
import type { Group } from '../group.ts'
import { takeTurns } from '../in-turn.ts'

/** Rounds by default. */
const ROUNDS = 5

/** Jobs that are drained before any is measured, those that are, and single jobs after them. */
const WARM_UP = 2_000
const JOBS = 10_000
const PICK_UPS = 100

/** Jobs at once that both are measured with. */
const CONCURRENCIES = [1, 10, 100] as const

/** The least of BullMQ's own speed that isobar is to have on it. */
const LIMIT = 0.95

const PAIR = { isobar: 'isobar-redis', bullmq: 'bullmq' } as const

type Side = keyof typeof PAIR
type Name = `${Side}-${(typeof CONCURRENCIES)[number]}`

const NAMES = CONCURRENCIES.flatMap((concurrency): Name[] => [`isobar-${concurrency}`, `bullmq-${concurrency}`])

/** P3: how fast a worker drains a queue in Redis, beside BullMQ's own Worker. */
export const redis: Group = {
  name: 'redis',
  targets: ['P3'],
  async run({ row, target, signal, rounds = ROUNDS }) {
    const figures = await takeTurns<Name, DrainFigures>(NAMES, {
      rounds,
      signal,
      measure(name) {
        const [side, concurrency] = name.split('-') as [Side, string]
        const settings = { concurrency: Number(concurrency) }
        return measureSubject(PAIR[side], { jobs: JOBS, warmUp: WARM_UP, pickUps: PICK_UPS, signal, settings })
      },
      onDone(name, all) {
        const of = (value: (figures: DrainFigures) => number): number[] => all.map(value)
        row({ name: `${name}: drain`, unit: 'jobs/s', rounds: of(({ drainedPerSecond }) => drainedPerSecond) })
        row({ name: `${name}: worker CPU`, unit: 'us a job', rounds: of(({ cpuUs }) => cpuUs) })
        row({ name: `${name}: peak RSS`, unit: 'MB', rounds: of(({ peakRss }) => peakRss / 1e6) })
        row({ name: `${name}: enqueue`, unit: 'jobs/s', rounds: of(({ enqueuedPerSecond }) => enqueuedPerSecond) })
        row({ name: `${name}: pick-up p50`, unit: 'ms', rounds: of(({ pickUpP50 }) => pickUpP50) })
        row({ name: `${name}: pick-up p99`, unit: 'ms', rounds: of(({ pickUpP99 }) => pickUpP99) })
      },
    })
    const drained = (name: Name): number[] => figures[name].map(({ drainedPerSecond }) => drainedPerSecond)
    for (const concurrency of CONCURRENCIES) {
      const ratio = byRound(
        (ours, theirs) => ours / theirs,
        drained(`isobar-${concurrency}`),
        drained(`bullmq-${concurrency}`),
      )
      target({ id: 'P3', name: `bullmq-worker-${concurrency}`, is: '>=', limit: LIMIT, rounds: ratio })
    }
  },
}
