import { expect, it, vi } from 'vitest'
import { toPlan } from '../options.ts'
import type { ModuleSettings } from '../replay/contract.ts'
import type { ReplayProcess } from '../runtimes/driver.ts'
import { type Sample, Sampler } from './sampler.ts'

const settings: ModuleSettings = {
  kind: 'handler',
  lifetime: { jobs: undefined, ms: undefined },
  expectFailures: false,
  budget: {},
  jobs: undefined,
  warmup: undefined,
  concurrency: undefined,
  traceLines: undefined,
  varies: false,
}

/** Replays on a clock of its own: `msPerJob` by the clock, of which a share goes by with no processor. */
async function replay(
  { msPerJob, waits = 0, bytesPerJob = 0 }: { msPerJob: number; waits?: number; bytesPerJob?: number },
  { jobs, timeMs, concurrency = 1 }: { jobs: number; timeMs: number; concurrency?: number },
) {
  let now = 0
  let done = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  const unused = async (): Promise<never> => {
    throw new Error('this is not for the figures')
  }
  const batches: number[] = []
  const process: ReplayProcess = {
    runtime: { name: 'fake', version: '1' },
    reads: [],
    settings,
    run: async (count) => {
      batches.push(count)
      done += count
      now += count * msPerJob
      return { jobs: count, ms: count * msPerJob, stopped: false }
    },
    read: async () => ({
      job: done,
      heap: done * bytesPerJob,
      code: 0,
      external: 0,
      rss: 0,
      descriptors: 0,
      resources: 0,
      listeners: 0,
      waited: now * waits,
    }),
    census: unused,
    snapshot: unused,
    identify: unused,
    idle: unused,
    outcomes: unused,
    end: unused,
    [Symbol.asyncDispose]: async () => {},
  }
  const samples: Sample[] = []
  const options = {
    plan: toPlan({ timeMs, concurrency }, settings),
    samples,
    onSample: () => {},
    isDecided: () => false,
  }
  try {
    const cut = await new Sampler(process, options).replay(jobs, 100)
    return { cut, jobs: done, batches, now }
  } finally {
    clock.mockRestore()
  }
}

it('replays all jobs when there is time', async () => {
  expect(await replay({ msPerJob: 1 }, { jobs: 10_000, timeMs: 60_000 })).toMatchObject({
    cut: undefined,
    jobs: 10_000,
  })
})

it('stops when the time is up, and not before it has replayed 1,000 jobs', async () => {
  const late = await replay({ msPerJob: 10 }, { jobs: 10_000, timeMs: 20_000 })
  expect(late.cut).toBe('time')
  expect(late.jobs).toBeGreaterThanOrEqual(2_000)
  expect(late.jobs).toBeLessThan(2_200)
  const slow = await replay({ msPerJob: 1_000 }, { jobs: 10_000, timeMs: 1_000 })
  expect(slow).toMatchObject({ cut: 'time', jobs: 1_000 })
})

it('does not count the time for which the process had no processor, up to three times the limit', async () => {
  const busy = await replay({ msPerJob: 20, waits: 0.5 }, { jobs: 10_000, timeMs: 20_000 })
  expect(busy.jobs).toBeGreaterThan(1_900)
  expect(busy.jobs).toBeLessThan(2_200)
  expect(busy.now).toBeGreaterThan(38_000)
  const starved = await replay({ msPerJob: 20, waits: 0.95 }, { jobs: 10_000, timeMs: 20_000 })
  expect(starved.cut).toBe('time')
  expect(starved.now).toBeGreaterThan(60_000)
  expect(starved.now).toBeLessThan(62_000)
})

it('stops when memory has grown past the limit', async () => {
  const { cut, jobs } = await replay({ msPerJob: 1, bytesPerJob: 1024 ** 2 }, { jobs: 10_000, timeMs: 60_000 })
  expect(cut).toBe('memory')
  expect(jobs).toBeLessThan(500)
})

it('has at least as many jobs in a batch as run at once, as far as there are so many', async () => {
  const { batches } = await replay({ msPerJob: 1_000 }, { jobs: 130, timeMs: 1_000_000, concurrency: 50 })
  expect(batches).toEqual([50, 50, 30])
})
