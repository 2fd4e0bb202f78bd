import { describe, expect, it } from 'vitest'
import type { EntryCensus } from '../heap/entry-census.ts'
import type { Snapshot } from '../heap/snapshot.ts'
import type { Plan } from '../options.ts'
import type { ReplayProcess } from '../runtimes/driver.ts'
import { MAX_COHORTS, watchEntries } from './entries.ts'

/** Of a heap in which nothing is ever born: survivors are tested on real ones. */
const EMPTY_SNAPSHOT: Snapshot = {
  nodeCount: 1,
  ...{ type: Uint8Array.of(0), name: Uint32Array.of(0), id: Float64Array.of(1), size: Float64Array.of(0) },
  firstEdge: Uint32Array.of(0, 0),
  ...{ edgeType: new Uint8Array(), edgeName: new Uint32Array(), edgeTo: new Uint32Array() },
  ...{ nodeTypes: ['synthetic'], edgeTypes: ['property'], locations: new Map(), text: () => '' },
}

const plan: Plan = {
  jobs: 10_000,
  warmup: 2_000,
  concurrency: 1,
  timeMs: 60_000,
  budget: { heap: 1, external: 1, rss: 256, handles: 0.0005 },
  lifetimeMs: 5_000,
  expectFailures: false,
  seed: 1,
}

/** A process with one Map, whose size is a function of the jobs done and of the times it has idled. */
function processWith(sizeAt: (job: number, idled: number) => number): { process: ReplayProcess; idled: () => number } {
  let jobs = 0
  let idled = 0
  let before: number | undefined
  const census = async (): Promise<EntryCensus> => {
    const size = sizeAt(jobs, idled)
    const changed = before === undefined || before === size ? [] : [{ serial: 1, before, size }]
    const grown = size - (before ?? size)
    before = size
    return {
      job: jobs,
      classes: [
        {
          type: 'Map',
          name: 'Map',
          containers: 1,
          entries: size,
          grown,
          growers: grown > 0 ? 1 : 0,
          changed,
          truncated: false,
        },
      ],
    }
  }
  const unused = async (): Promise<never> => {
    throw new Error('this is not for the entries')
  }
  const process: ReplayProcess = {
    runtime: { name: 'fake', version: '1' },
    reads: [],
    settings: {
      kind: 'handler',
      lifetime: { jobs: undefined, ms: undefined },
      expectFailures: false,
      budget: {},
      jobs: undefined,
      warmup: undefined,
      concurrency: undefined,
      traceLines: undefined,
      varies: false,
    },
    run: async (count) => {
      jobs += count
      return { jobs: count, ms: count, stopped: false }
    },
    census,
    idle: async () => {
      idled++
    },
    snapshot: async () => EMPTY_SNAPSHOT,
    identify: async () => ({ scripts: {}, containers: {} }),
    read: unused,
    outcomes: unused,
    end: unused,
    [Symbol.asyncDispose]: async () => {},
  }
  return { process, idled: () => idled }
}

async function watch(sizeAt: (job: number, idled: number) => number) {
  const { process, idled } = processWith(sizeAt)
  const result = await watchEntries(process, { plan, counts: [], onIdle: () => {} })
  return { ...result, idled: idled() }
}

describe('watchEntries', () => {
  it('is done after two cohorts when nothing grows', async () => {
    expect(await watch(() => 500)).toMatchObject({
      verdict: 'clean',
      cohorts: 2,
      jobs: 12_000,
      containers: [],
      idled: 0,
    })
  })

  it('says leak once growth has outlived the idle time and a confirming cohort', async () => {
    const result = await watch((job) => 100_000 + job)
    expect(result).toMatchObject({
      verdict: 'leak',
      cohorts: 3,
      jobs: 17_000,
      idled: 1,
      containers: [{ state: 'leaks' }],
    })
    expect(result.containers[0]?.series.sizes.map((s) => s.size)).toEqual([
      102_000, 107_000, 112_000, 113_150, 115_050, 117_000,
    ])
  })

  it('finds a cache full in the confirming cohort', async () => {
    expect(await watch((job) => Math.min(job, 12_000))).toMatchObject({
      verdict: 'clean',
      cohorts: 3,
      containers: [{ state: 'ended' }],
    })
  })

  it('gives what slows down more cohorts, and leaves it undecided when they are used up', async () => {
    expect(await watch((job) => Math.round(14_000 * (1 - Math.exp(-job / 2_000))))).toMatchObject({
      verdict: 'clean',
      containers: [{ state: 'ended' }],
    })
    const slow = (job: number): number => Math.round(1e9 * (1 - Math.exp(-job / 5_000)))
    expect(await watch(slow)).toMatchObject({
      verdict: 'undecided',
      cohorts: MAX_COHORTS,
      containers: [{ state: 'fills' }],
    })
  })

  it('lets go of a cache that the idle time clears, though it grows again', async () => {
    expect(await watch((job, idled) => (idled === 0 ? job : job - 12_000))).toMatchObject({
      verdict: 'clean',
      idled: 1,
      containers: [{ state: 'ended' }],
    })
  })

  it('is not taken in by a batch that stands higher after each cohort', async () => {
    expect(await watch((job) => job % 4_900)).toMatchObject({ verdict: 'clean', containers: [{ state: 'ended' }] })
  })
})
