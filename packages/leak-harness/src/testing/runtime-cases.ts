import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Reached, reach } from '../heap/reachability.ts'
import { retainingPath, toPath } from '../heap/retaining-path.ts'
import { highestId, type Snapshot } from '../heap/snapshot.ts'
import { countSurvivors } from '../heap/survivors.ts'
import type { EngineMode, ReplayProcess, RuntimeDriver, StartOptions } from '../runtimes/driver.ts'

/** One case of the conformance suite of runtime drivers, for any test runner. */
export interface RuntimeCase {
  readonly name: string
  /** Rejects when the driver breaks the contract. Starts processes of its own and ends them. */
  run(): Promise<void>
}

/** Jobs of a replay in a case. */
const JOBS = 100

/** How many may be there beside those of the jobs: engines leave a few for later. */
const STRAY = 4

/** What a case has to do with. */
interface CaseContext {
  /** Starts a process with the suite's own module. */
  start(mode?: EngineMode, options?: Partial<StartOptions>): Promise<ReplayProcess>
  /** Replays jobs, one at a time. */
  replay(process: ReplayProcess, jobs: number): Promise<void>
}

const cases: Readonly<Record<string, (t: CaseContext) => Promise<void>>> = {
  'says what it is, and what the module asks for': async (t) => {
    await using process = await t.start()
    check(/^\d+\.\d+/.test(process.runtime.version), `its version is "${process.runtime.version}"`)
    const { kind, lifetime, expectFailures, budget, traceLines } = process.settings
    equal(
      { kind, lifetime, expectFailures, budget, traceLines },
      {
        kind: 'handler',
        lifetime: { jobs: 7, ms: 70 },
        expectFailures: true,
        budget: { rss: 300 },
        traceLines: undefined,
      },
    )
  },
  'replays each job once, and counts how it ended': async (t) => {
    await using process = await t.start()
    await t.replay(process, JOBS)
    await t.replay(process, JOBS)
    const { done, failed, firstError, distinctData, types } = await process.outcomes()
    equal(
      { done, failed, distinctData, types },
      {
        done: 180,
        failed: 20,
        distinctData: 200,
        types: [{ name: 'job', done: 180, failed: 20 }],
      },
    )
    check(firstError === 'TypeError: job 9 fails', `the first error is "${firstError}"`)
  },
  'stops early once memory has grown by what it may': async (t) => {
    await using process = await t.start()
    const { jobs, stopped } = await process.run(50_000, { concurrency: 1, maxGrowth: 100_000 })
    check(stopped && jobs > 0 && jobs < 50_000, `it replayed ${jobs} jobs, and ${stopped ? 'stopped' : 'did not stop'}`)
  },
  'replays jobs side by side': async (t) => {
    await using process = await t.start()
    const { jobs } = await process.run(JOBS, { concurrency: 8, maxGrowth: Number.MAX_SAFE_INTEGER })
    equal(jobs, JOBS)
  },
  'reads the figures of a heap that has been collected': async (t) => {
    await using process = await t.start('exact')
    await t.replay(process, JOBS)
    const first = await process.read()
    const second = await process.read()
    equal([first.job, second.job], [JOBS, JOBS])
    check(first.heap > 100_000, `its heap has ${first.heap} bytes`)
    check(
      Math.abs(second.heap - first.heap) < 50_000,
      `with no job between, its heap moved by ${second.heap - first.heap} bytes`,
    )
    if (process.reads.includes('rss')) check(first.rss > 1_000_000, `its RSS is ${first.rss} bytes`)
  },
  'counts the entries of containers, and follows each from one census to the next': async (t) => {
    await using process = await t.start()
    await t.replay(process, JOBS)
    await process.census()
    await t.replay(process, JOBS)
    const { job, classes } = await process.census()
    equal(job, 2 * JOBS)
    for (const type of ['Map', 'Array']) {
      const grown = classes.filter((one) => one.type === type).flatMap(({ changed }) => changed)
      const own = grown.find(({ before, size }) => before === JOBS && size === 2 * JOBS)
      check(own !== undefined, `no ${type} is told that went from ${JOBS} to ${2 * JOBS} entries`)
    }
  },
  'numbers objects the same in each snapshot, and higher when they were born later': async (t) => {
    await using process = await t.start()
    await t.replay(process, JOBS)
    await process.snapshot()
    const before = await process.snapshot()
    await t.replay(process, JOBS)
    const between = await process.snapshot()
    await t.replay(process, JOBS)
    const { snapshot, reached } = withPaths(await process.snapshot())
    const groups = countSurvivors(snapshot, reached, [before, between, snapshot].map(highestId))
    const invoices = groups.filter(({ constructorName }) => constructorName === 'Invoice')
    const sum = (of: 'population' | 'survivors' | 'born'): number =>
      invoices.reduce((total, group) => total + group[of], 0)
    equal([sum('population'), sum('survivors'), sum('born')], [2 * JOBS, JOBS, JOBS])
    const strays = groups
      .filter(({ constructorName, survivors }) => constructorName !== 'Invoice' && survivors > STRAY)
      .filter(({ constructorName }) => !constructorName.startsWith('('))
    check(strays.length === 0, `beside the jobs' own, ${strays[0]?.survivors} ${strays[0]?.constructorName} survive`)
  },
  'tells which node of a snapshot a container is, and what holds it': async (t) => {
    await using process = await t.start()
    await t.replay(process, JOBS)
    await process.census()
    await t.replay(process, JOBS)
    const { classes } = await process.census()
    const array = classes
      .filter(({ type }) => type === 'Array')
      .flatMap(({ changed }) => changed)
      .find(({ before, size }) => before === JOBS && size === 2 * JOBS)
    const { snapshot, reached } = withPaths(await process.snapshot())
    const serial = array?.serial ?? 0
    const { containers, scripts } = await process.identify([serial])
    const node = reached.order.find((one) => snapshot.id[one] === containers[serial])
    check(node !== undefined, `the snapshot has no node for container ${serial}`)
    const path = toPath(retainingPath(snapshot, reached, node as number), scripts).join(' → ')
    check(/(?:runtime-subject\.[jt]s|module) → variable durations: Array$/.test(path), `its path is "${path}"`)
  },
  'replays a trace, and the jobs of one name alone': async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'runtime-cases-'))
    try {
      const trace = join(folder, 'trace.jsonl')
      const lines = ['first', 'second', 'second'].map((name, i) => JSON.stringify({ name, data: { i } }))
      await writeFile(trace, lines.join('\n'))
      await using process = await t.start('jit', { trace, only: 'second' })
      await t.replay(process, 10)
      const { types, distinctData } = await process.outcomes()
      equal(
        { types: types.map(({ name }) => name), distinctData, traceLines: process.settings.traceLines },
        { types: ['second'], distinctData: 2, traceLines: 2 },
      )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
  'lets time pass without a job': async (t) => {
    await using process = await t.start()
    const startedAt = performance.now()
    await process.idle(50)
    check(performance.now() - startedAt >= 49, 'it did not idle for 50 ms')
  },
  'ends cleanly, and does nothing after that': async (t) => {
    const process = await t.start()
    await t.replay(process, 1)
    equal(await process.end(), undefined)
    await process[Symbol.asyncDispose]()
    await rejects(process.outcomes(), 'after its end')
  },
  'refuses a module that is not there': async (t) => {
    const error = await rejects(t.start('jit', { module: '/no/such/module.ts' }), 'to load')
    check((error as { code?: unknown }).code === 'HARNESS_LOAD', `it refuses with ${String(error)}`)
  },
  'is ended by its signal': async (t) => {
    const stop = new AbortController()
    await using process = await t.start('jit', { signal: stop.signal })
    const replay = process.run(1_000_000, { concurrency: 1, maxGrowth: Number.MAX_SAFE_INTEGER })
    stop.abort()
    const error = await rejects(replay, 'an abort')
    check((error as { code?: unknown }).code === 'HARNESS_ABORTED', `it ends with ${String(error)}`)
  },
}

/** A snapshot with the ways to all that is reached. */
function withPaths(snapshot: Snapshot): { readonly snapshot: Snapshot; readonly reached: Reached } {
  return { snapshot, reached: reach(snapshot) }
}

/**
 * What every runtime driver has to do, as cases for any test runner: identity, replay, settling, figures, entry counts,
 * snapshots, traces and a clean end.
 *
 * @example
 * for (const { name, run } of runtimeCases(nodeDriver)) test(name, run)
 */
export function runtimeCases(driver: RuntimeDriver): readonly RuntimeCase[] {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const module = fileURLToPath(new URL(`./runtime-subject.${extension}`, import.meta.url))
  const context: CaseContext = {
    start: (mode = 'jit', options = {}) =>
      driver.start({
        ...{ module, mode, trace: undefined, only: undefined, imports: [], cwd: process.cwd(), env: {} },
        stallMs: 60_000,
        onProgress: () => {},
        signal: new AbortController().signal,
        ...options,
      }),
    replay: async (process, jobs) => {
      const result = await process.run(jobs, { concurrency: 1, maxGrowth: Number.MAX_SAFE_INTEGER })
      equal({ jobs: result.jobs, stopped: result.stopped }, { jobs, stopped: false })
    },
  }
  return Object.entries(cases).map(([name, run]) => ({ name, run: () => run(context) }))
}

class ConformanceError extends Error {
  override readonly name = 'ConformanceError'
  readonly code = 'CONFORMANCE'
}

function check(holds: boolean, problem: string): asserts holds {
  if (!holds) throw new ConformanceError(problem)
}

function equal(actual: unknown, expected: unknown): void {
  const [is, wanted] = [actual, expected].map((value) => JSON.stringify(value))
  check(is === wanted, `expected ${wanted}, got ${is}`)
}

async function rejects(promise: Promise<unknown>, what: string): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new ConformanceError(`it did not reject ${what}`)
}
