import { byRound } from '../by-round.ts'
import type { GroupContext } from '../group.ts'
import { takeTurns } from '../in-turn.ts'
import type { IpcFigures, IpcTask } from '../modules/pool-ipc.ts'
import type { PoolFigures, PoolTask } from '../modules/pool-run.ts'
import { runModule, runOnPostgres, toRate, verifyTally } from './measure.ts'
import type { Where } from './open-executor.ts'

/** Jobs that are drained to be measured, and before those: as in the group `postgres`. */
const DRAIN = { jobs: 20_000, warmUp: 5_000 }

/** Jobs at once where handlers run in the worker's process: what it does best with in the group `postgres`. */
const IN_PROCESS_CONCURRENCY = 100

/**
 * Sizes and jobs at once in each isolate that are measured; the better size of a round counts. Tried on a machine with 2
 * cores and a load of 4, two rounds, in drained jobs a second (in process 20,800 and 31,700). One isolate, 10 at once:
 * 20,000 and 11,200; 50: 16,700 and 10,200; 100: 10,900 and 13,600. Two, 10 at once: 17,600 and 21,000; 50: 22,700 and
 * 23,600; 100: 13,400 and 20,500.
 */
const POOLS = {
  'pool-1': { size: 1, concurrency: 50, jobs: 'never' },
  'pool-2': { size: 2, concurrency: 50, jobs: 'never' },
} as const

const WHERE: Readonly<Record<'in-process' | keyof typeof POOLS, Where>> = {
  'in-process': { size: 0, concurrency: IN_PROCESS_CONCURRENCY },
  ...POOLS,
}

const TITLES: Readonly<Record<keyof typeof WHERE, string>> = {
  'in-process': 'Postgres, in process',
  'pool-1': 'Postgres, 1 isolate',
  'pool-2': 'Postgres, 2 isolates',
}

/** P4: the drain of the group `postgres`, by handlers in isolates and in the worker's own process. */
export async function measureDrain({ row, target, signal }: GroupContext, rounds: number): Promise<void> {
  const onDone = (name: keyof typeof WHERE, all: readonly PoolFigures[]): void => {
    const title = TITLES[name]
    row({ name: `${title}: drain`, unit: 'jobs/s', rounds: all.map((one) => toRate(DRAIN, one)) })
    row({ name: `${title}: CPU, all processes`, unit: 'us a job', rounds: all.map(toCpuUs) })
  }
  const figures = await takeTurns(Object.keys(WHERE) as (keyof typeof WHERE)[], {
    rounds,
    signal,
    onDone,
    async measure(name) {
      const task: PoolTask = { where: WHERE[name], job: { type: 'work' }, ...DRAIN }
      return verifyTally(await runOnPostgres(task, signal))
    },
  })
  const drained = (name: keyof typeof WHERE): number[] => figures[name].map((one) => toRate(DRAIN, one))
  const best = byRound(Math.max, drained('pool-1'), drained('pool-2'))
  const ratio = byRound((ours, theirs) => ours / theirs, best, drained('in-process'))
  target({ id: 'P4', name: 'pool-over-in-process', is: '>=', limit: 0.8, rounds: ratio })
}

function toCpuUs({ cpuMs }: PoolFigures): number {
  return (cpuMs * 1_000) / DRAIN.jobs
}

/** Jobs that are handed over at once, with no broker between: 100,000 after 30,000. */
const BATCHES = { batch: 100, batches: 1_000, warmUp: 300 }

/** Where no-ops are handed over: to this process, or to one isolate. */
const CALLED: Readonly<Record<'in process' | '1 isolate', Where>> = {
  'in process': { size: 0, concurrency: 10 },
  '1 isolate': { size: 1, concurrency: 10, jobs: 'never', spares: 0 },
}

/** P4: what it costs to have a job done in another process, data of 1,000 bytes included. */
export async function measureIpc({ row, target, signal }: GroupContext, rounds: number): Promise<void> {
  const figures = await takeTurns(['in process', '1 isolate'] as const, {
    rounds,
    signal,
    measure: (name) =>
      runModule<IpcFigures>('pool-ipc', { where: CALLED[name], large: true, ...BATCHES } satisfies IpcTask, signal),
  })
  for (const [name, all] of Object.entries(figures)) {
    row({ name: `no-op, ${name}: clock`, unit: 'us a job', rounds: all.map(({ us }) => us) })
    row({ name: `no-op, ${name}: CPU, all processes`, unit: 'us a job', rounds: all.map(({ cpuUs }) => cpuUs) })
  }
  const extra = (of: (one: IpcFigures) => number): number[] =>
    byRound((there, here) => there - here, figures['1 isolate'].map(of), figures['in process'].map(of))
  row({ name: 'IPC: clock', unit: 'us a job', rounds: extra(({ us }) => us) })
  target({ id: 'P4', name: 'ipc-cpu-us', is: '<=', limit: 10, rounds: extra(({ cpuUs }) => cpuUs) })
}
