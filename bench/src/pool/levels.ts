import type { GroupContext } from '../group.ts'
import { takeTurns } from '../in-turn.ts'
import type { PoolFigures } from '../modules/pool-run.ts'
import { runOnMemory, toRate, verifyTally } from './measure.ts'
import type { Where } from './open-executor.ts'

/** A level of isolation, and as many jobs as take a few seconds with it. */
interface Level {
  readonly title: string
  readonly where: Where
  readonly jobs: number
  readonly warmUp: number
}

const LEVELS: Readonly<Record<'none' | 'reused' | 'each', Level>> = {
  none: { title: 'in process', where: { size: 0, concurrency: 10 }, jobs: 50_000, warmUp: 20_000 },
  reused: {
    title: '2 isolates, reused',
    where: { size: 2, concurrency: 10, jobs: 'never' },
    jobs: 50_000,
    warmUp: 20_000,
  },
  each: { title: '2 isolates, one a job', where: { size: 2, concurrency: 10, jobs: 1 }, jobs: 60, warmUp: 10 },
}

/** What each level of isolation costs for a job that does nothing. */
export async function measureLevels({ row, signal }: GroupContext, rounds: number): Promise<void> {
  await takeTurns(Object.keys(LEVELS) as (keyof typeof LEVELS)[], {
    rounds,
    signal,
    async measure(name) {
      const { where, jobs, warmUp } = LEVELS[name]
      return verifyTally(await runOnMemory({ where, job: { type: 'nothing' }, jobs, warmUp }, signal))
    },
    onDone(name, all) {
      const { title, jobs, where } = LEVELS[name]
      const show = (what: string, unit: string, of: (one: PoolFigures) => number): void =>
        row({ name: `${title}: ${what}`, unit, rounds: all.map(of) })
      show('drain', 'jobs/s', (one) => toRate({ jobs }, one))
      show('CPU, all processes', 'us a job', ({ cpuMs }) => (cpuMs * 1_000) / jobs)
      show("RSS of the worker's process", 'MB', ({ ownRss }) => ownRss / 1e6)
      if (where.size > 0) show('most RSS of an isolate', 'MB', ({ peakRss }) => peakRss / 1e6)
    },
  })
}
