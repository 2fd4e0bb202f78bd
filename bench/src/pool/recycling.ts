import { byRound } from '../by-round.ts'
import type { GroupContext } from '../group.ts'
import { takeTurns } from '../in-turn.ts'
import type { StartFigures } from '../modules/pool-starts.ts'
import { type JobKind, timesFor } from './job-types.ts'
import { runModule, runOnMemory, toRate, verifyTally } from './measure.ts'
import type { IsolatesWhere } from './open-executor.ts'

/** As long as a job is to take, in ms. */
const JOB_MS = 5

/** Starts that are averaged in a round. */
const STARTS = 8

/** A load, and how isolates are replaced under it: what is compared with never. */
interface Load {
  readonly title: string
  readonly job: JobKind
  readonly concurrency: number
  /** Enough of them that each isolate is replaced three times or more. */
  readonly jobs: number
  readonly warmUp: number
  /** Absent: it is shown only. */
  readonly target?: string
}

/** P5: what it costs to replace an isolate every 1,000 jobs. */
export async function measureRecycling(context: GroupContext, rounds: number): Promise<void> {
  const burning: JobKind = { type: 'burn', times: timesFor(JOB_MS) }
  const waiting: JobKind = { type: 'wait', ms: JOB_MS }
  const loads: readonly Load[] = [
    // One at a time: more would only take turns on the processor.
    {
      title: 'burns 5 ms',
      job: burning,
      concurrency: 1,
      jobs: 6_400,
      warmUp: 200,
      target: 'recycling-over-never',
    },
    { title: 'waits 5 ms, 1 at once', job: waiting, concurrency: 1, jobs: 6_400, warmUp: 200 },
    { title: 'waits 5 ms, 10 at once', job: waiting, concurrency: 10, jobs: 12_000, warmUp: 2_000 },
    { title: 'does nothing', job: { type: 'nothing' }, concurrency: 10, jobs: 40_000, warmUp: 10_000 },
  ]
  for (const load of loads) await measureLoad(context, load, rounds)
  await measureStarts(context, rounds)
}

async function measureLoad({ row, target, signal }: GroupContext, load: Load, rounds: number): Promise<void> {
  const { title, job, concurrency, jobs, warmUp } = load
  const figures = await takeTurns(['never', 'every 1,000'] as const, {
    rounds,
    signal,
    async measure(name) {
      const where: IsolatesWhere = { size: 2, concurrency, jobs: name === 'never' ? 'never' : 1_000 }
      return verifyTally(await runOnMemory({ where, job, jobs, warmUp }, signal))
    },
  })
  const rates = {
    never: figures.never.map((one) => toRate(load, one)),
    recycling: figures['every 1,000'].map((one) => toRate(load, one)),
  }
  row({ name: `${title}: never replaced`, unit: 'jobs/s', rounds: rates.never })
  row({ name: `${title}: every 1,000 jobs`, unit: 'jobs/s', rounds: rates.recycling })
  const replaced = figures['every 1,000'].map(({ recycles }) => recycles.jobs ?? 0)
  row({ name: `${title}: isolates replaced`, unit: '', rounds: replaced })
  const ratio = byRound((ours, theirs) => ours / theirs, rates.recycling, rates.never)
  if (load.target) target({ id: 'P5', name: load.target, is: '>=', limit: 0.95, rounds: ratio })
  else row({ name: `${title}: ratio`, unit: 'x', rounds: ratio })
}

async function measureStarts({ row, signal }: GroupContext, rounds: number): Promise<void> {
  const starts: StartFigures[] = []
  for (let round = 0; round < rounds; round++) starts.push(await runModule<StartFigures>('pool-starts', STARTS, signal))
  row({ name: 'start of an isolate: until its app is loaded', unit: 'ms', rounds: starts.map(({ ms }) => ms) })
  row({ name: 'start of an isolate: CPU', unit: 'ms', rounds: starts.map(({ cpuMs }) => cpuMs) })
  row({ name: 'start of an isolate: RSS then', unit: 'MB', rounds: starts.map(({ rss }) => rss / 1e6) })
}
