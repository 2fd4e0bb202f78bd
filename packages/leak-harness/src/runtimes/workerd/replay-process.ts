import type { EntryCensus } from '../../heap/entry-census.ts'
import type { Snapshot } from '../../heap/snapshot.ts'
import type { ModuleSettings, Outcomes } from '../../replay/contract.ts'
import type { ReplayResult } from '../../replay/replay.ts'
import type { Held } from '../child/settle.ts'
import { answerDebug } from '../debug.ts'
import type { Identities, Reading, ReplayProcess, StartOptions } from '../driver.ts'
import type { Bundle } from './bundle.ts'
import { ContainerCounter } from './container-counter.ts'
import type { Peers } from './peers.ts'
import { readFiguresOf } from './process-figures.ts'
import { SourcePlaces } from './source-places.ts'
import type { WorkerdProcess } from './workerd-process.ts'
import { nameWrappers } from './wrapper-names.ts'

/** Settling and counting a heap of gigabytes may take this long beyond the stall limit, in ms. */
const SILENT_MS = 120_000

/** What the inspector tells. */
const ENGINE: ReplayProcess['reads'] = ['heap', 'external']

/** Jobs between two looks at the memory: at first, and at most, which is the largest batch of a queue. */
const FIRST_SIZE = 8
const MAX_SIZE = 100

/** Bytes that may come between two looks. Where it is more, the looks get closer. */
const MAX_UNSEEN_BYTES = 32 * 1024 ** 2

/** How a Worker is given jobs: what differs between a module and a Worker as it stands. */
export interface Front {
  readonly settings: ModuleSettings
  /** What is read closely enough to be judged. */
  readonly reads: ReplayProcess['reads']
  /** The bundle of the code under test, and how the address of its script ends. */
  readonly bundle: Bundle
  readonly scriptName: string
  /** What is to be said in the report. */
  readonly notes: readonly string[]
  /** Has the next jobs done, at most `jobs` and about `size`; answers how many were. */
  batch(size: number, options: { readonly jobs: number; readonly concurrency: number }): Promise<number>
  /** An event in which no job is done. */
  turn(): Promise<unknown>
  outcomes(): Promise<Outcomes>
  end(): Promise<string | undefined>
}

/** A process that replays jobs through a front, and looks at the isolate of the Worker. */
export function createReplayProcess(
  workerd: WorkerdProcess,
  front: Front,
  peers: Peers,
  onProgress: StartOptions['onProgress'],
): ReplayProcess {
  const { isolate } = workerd
  const places = new SourcePlaces(front.bundle)
  let counter: ContainerCounter | undefined
  let scripts: Record<number, string> | undefined
  let last: Held | undefined
  let size = FIRST_SIZE

  const look = <Result>(work: () => Promise<Result>): Promise<Result> => workerd.during('look', work, SILENT_MS)
  const used = async (): Promise<number> => {
    const { heap, external } = await isolate.held()
    return heap + external
  }
  const collected = async (): Promise<number> => {
    await isolate.collect()
    return used()
  }
  const settle = (before?: Held): Promise<Held> => look(() => isolate.settle(() => front.turn(), before))
  const listScripts = async (): Promise<Record<number, string>> => {
    // All of them are there once the first jobs are done: a Worker cannot load code later.
    scripts ??= (await answerDebug(isolate.session, { want: 'scripts' })) as Record<number, string>
    return scripts
  }
  const dispose = (): Promise<void> => workerd[Symbol.asyncDispose]()

  return {
    runtime: { name: 'workerd', version: peers.version },
    settings: front.settings,
    notes: front.notes,
    // Where the system does not tell of other processes, there is the engine's word alone.
    reads: workerd.pid === undefined ? front.reads.filter((measure) => ENGINE.includes(measure)) : front.reads,
    async run(jobs, { concurrency, maxGrowth }): Promise<ReplayResult> {
      const startedAt = performance.now()
      let before = await look(used)
      const limit = before + maxGrowth
      let done = 0
      let stopped = false
      while (done < jobs && !stopped) {
        const left = { jobs: jobs - done, concurrency }
        const more = await workerd.during('run', () => front.batch(size, left))
        done += more
        workerd.jobs += more
        onProgress(workerd.jobs)
        const now = await look(used)
        size = now - before > MAX_UNSEEN_BYTES ? Math.ceil(size / 4) : Math.min(MAX_SIZE, size * 2)
        before = now
        // Only what a collection leaves counts: a handler may well make that much garbage.
        stopped = now > limit && (await look(collected)) > limit
      }
      return { jobs: done, ms: performance.now() - startedAt, stopped }
    },
    async read(): Promise<Reading> {
      last = await settle(last)
      const figures = readFiguresOf(workerd.pid)
      return { job: workerd.jobs, ...last, ...figures, code: 0, resources: 0, listeners: 0 }
    },
    async census(): Promise<EntryCensus> {
      await settle()
      const classes = await look(async () => {
        counter ??= await ContainerCounter.inject(isolate.session, peers.esbuild)
        return counter.census()
      })
      return { job: workerd.jobs, classes }
    },
    async snapshot(): Promise<Snapshot> {
      await settle()
      return look(async () => {
        const snapshot = nameWrappers(await isolate.snapshot(() => front.turn()))
        const script = Object.entries(await listScripts()).find(([, url]) => url.endsWith(front.scriptName))?.[0]
        return script === undefined ? snapshot : places.place(snapshot, Number(script))
      })
    },
    identify: (serials) =>
      look(async (): Promise<Identities> => {
        const containers = (await counter?.find(serials)) ?? {}
        return { scripts: { ...(await listScripts()), ...places.sources() }, containers }
      }),
    idle: (ms) => workerd.during('look', () => new Promise((resolve) => setTimeout(resolve, ms)), ms),
    outcomes: () => workerd.during('run', () => front.outcomes()),
    async end() {
      const problem = await workerd.during('end', () => front.end())
      await dispose()
      return problem
    },
    [Symbol.asyncDispose]: dispose,
  }
}
