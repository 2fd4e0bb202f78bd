import { expect, test } from 'vitest'
import type { GapFigures, GapTask } from '../modules/pool-gaps.ts'
import type { IpcFigures, IpcTask } from '../modules/pool-ipc.ts'
import type { StartFigures } from '../modules/pool-starts.ts'
import type { TinypoolFigures, TinypoolTask } from '../modules/tinypool-leak.ts'
import { type PoolTallyError, runModule, runOnMemory, runOnPostgres, verifyTally } from './measure.ts'

const { signal } = new AbortController()

test('every job runs exactly once, in isolates that are replaced, and is measured', async () => {
  const where = { size: 1, concurrency: 1, jobs: 1 }
  const figures = await runOnMemory({ where, job: { type: 'nothing' }, jobs: 3, warmUp: 1 }, signal)
  expect(verifyTally(figures)).toMatchObject({ lost: 0, repeated: 0, charged: 0 })
  expect(figures.recycles.jobs).toBeGreaterThan(1)
  for (const value of [figures.ms, figures.ownRss, figures.peakRss]) expect(value).toBeGreaterThan(0)
})

test('so it is in this process, and on Postgres', async () => {
  const inProcess = { size: 0, concurrency: 2 } as const
  const leak = { type: 'leak', kind: 'native', ms: 0 } as const
  const task = { where: inProcess, app: 'leaky', job: leak, jobs: 20, warmUp: 5 } as const
  verifyTally(await runOnMemory(task, signal))
  verifyTally(await runOnPostgres({ where: inProcess, job: { type: 'work' }, jobs: 20, warmUp: 5 }, signal))
})

test('a job that was lost, repeated or charged for ends the run', () => {
  const figures = { ms: 1, cpuMs: 1, ownRss: 1, isolateRss: 1, peakRss: 1, processes: 1, recycles: {} }
  const error = expect.objectContaining<Partial<PoolTallyError>>({ code: 'BENCH_POOL_TALLY' })
  for (const fault of ['lost', 'repeated', 'charged'] as const) {
    const counts = { lost: 0, repeated: 0, charged: 0, [fault]: 1 }
    expect(() => verifyTally({ ...figures, ...counts })).toThrow(error)
  }
})

test('calls, starts and gaps are measured', async () => {
  const ipc: IpcTask = { where: { size: 1, concurrency: 2 }, batch: 10, batches: 2, warmUp: 1, large: true }
  const gap: GapTask = { way: 'successor-first', spares: 1, times: 1, warmUpMs: 50, windowMs: 100 }
  const [{ us }, { ms, rss }, { gaps, background }] = await Promise.all([
    runModule<IpcFigures>('pool-ipc', ipc, signal),
    runModule<StartFigures>('pool-starts', 1, signal),
    runModule<GapFigures>('pool-gaps', gap, signal),
  ])
  for (const value of [us, ms, rss, ...gaps, ...background]) expect(value).toBeGreaterThan(0)
  expect([gaps.length, background.length]).toEqual([1, 1])
})

test('the peer does the same work, and is stopped when a worker has enough', async () => {
  const task: TinypoolTask = {
    kind: 'buffers',
    jobs: 200,
    jobMs: 0,
    size: 1,
    concurrency: 1,
    memory: 256_000_000,
    enough: Number.MAX_SAFE_INTEGER,
    latest: 60_000,
  }
  const all = await runModule<TinypoolFigures>('tinypool-leak', task, signal)
  expect(all).toMatchObject({ done: 200, failed: 0, lost: 0, repeated: 0 })
  const little = await runModule<TinypoolFigures>('tinypool-leak', { ...task, jobs: 1e9, enough: 1 }, signal)
  expect(little.peakRss).toBeGreaterThan(1)
})
