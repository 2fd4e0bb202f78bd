import type { GroupContext } from '../group.ts'
import type { PoolFigures, PoolTask } from '../modules/pool-run.ts'
import type { TinypoolFigures, TinypoolTask } from '../modules/tinypool-leak.ts'
import type { LeakKind } from './job-types.ts'
import { runModule, runOnMemory } from './measure.ts'

const KINDS: readonly LeakKind[] = ['heap', 'buffers', 'native']

/** Jobs of 100,000 bytes each, and how long one takes: 2 × 10 at once leak 100 MB a second. */
const JOBS = 20_000
const JOB_MS = 20

const SIZE = 2
const CONCURRENCY = 10
const MEMORY = 256_000_000

/**
 * What the peer does best with: one at a time, as fast as it can. With 10 at once in each worker, of 20 ms each, 13 jobs
 * failed as their workers were ended under them, and 10,600 of 20,000 were done in a minute.
 */
const TINYPOOL = { jobMs: 0, concurrency: 1 }

/** Where a peer that notices nothing is stopped, for the machine's sake: in bytes, and in ms. */
const ENOUGH = 1_500_000_000
const LATEST_MS = 60_000

/** What becomes of handlers that leak, of three kinds, in isolates with a limit of 256 MB, and in a peer's pool with the same. */
export async function measureLeaks(context: GroupContext): Promise<void> {
  const faults: number[] = []
  for (const kind of KINDS) {
    const figures = await runLeak(kind, JOB_MS, context.signal)
    showOurs(context, `leak of ${kind}`, figures)
    faults.push(figures.lost + figures.repeated + figures.charged)
    const stressed = await runLeak(kind, 0, context.signal)
    showOurs(context, `leak of ${kind}, as fast as it can`, stressed)
    await showTinypool(context, kind)
  }
  const { target } = context
  // Over all kinds: none of them may have any.
  const sum = faults.reduce((all, one) => all + one, 0)
  target({ id: 'P5', name: 'leak-lost-repeated-charged', is: '<=', limit: 0, rounds: [sum] })
}

function runLeak(kind: LeakKind, ms: number, signal: AbortSignal): Promise<PoolFigures> {
  const where = { size: SIZE, concurrency: CONCURRENCY, jobs: 'never', memory: MEMORY } as const
  const task: PoolTask = { where, app: 'leaky', job: { type: 'leak', kind, ms }, jobs: JOBS, warmUp: 0 }
  return runOnMemory(task, signal)
}

function showOurs({ row }: GroupContext, title: string, figures: PoolFigures): void {
  row({ name: `${title}: most RSS of an isolate`, unit: 'MB', rounds: [figures.peakRss / 1e6] })
  for (const [cause, count] of Object.entries(figures.recycles))
    row({ name: `${title}: replaced for ${cause}`, unit: '', rounds: [count] })
  const { lost, repeated, charged } = figures
  for (const [what, count] of Object.entries({ lost, repeated, charged }))
    row({ name: `${title}: ${what}`, unit: 'jobs', rounds: [count] })
}

async function showTinypool({ row, signal }: GroupContext, kind: LeakKind): Promise<void> {
  const bounds = { memory: MEMORY, enough: ENOUGH, latest: LATEST_MS }
  const task: TinypoolTask = { kind, jobs: JOBS, size: SIZE, ...TINYPOOL, ...bounds }
  const figures = await runModule<TinypoolFigures>('tinypool-leak', task, signal)
  const title = `leak of ${kind}, tinypool`
  row({ name: `${title}: most RSS of a worker`, unit: 'MB', rounds: [figures.peakRss / 1e6] })
  row({ name: `${title}: workers replaced`, unit: '', rounds: [figures.recycles] })
  row({ name: `${title}: done`, unit: 'jobs', rounds: [figures.done] })
  row({ name: `${title}: failed`, unit: 'jobs', rounds: [figures.failed] })
}
