import { fileURLToPath } from 'node:url'
import { DEFAULT_JOBS, DEFAULT_STALL_MS } from '../options.ts'
import type { Verdict } from '../result.ts'
import { runHarness } from '../run-harness.ts'
import { type Suspect, ZOO, type ZooCase } from './cases.ts'
import { namedIn } from './named.ts'

/** Cases at once: each has a process that is busy throughout, and one that is for a part of it. */
export const DEFAULT_ZOO_CONCURRENCY = 2

/** The runtime that the cases are told of. */
const NODE = 'node'

/** A leak is seen from this many in a cohort of half the jobs on: one more than the four that the rule asks for. */
const LEAKS_PER_COHORT = 5

/** Rate that is the rarest to be tried where a case says nothing else. */
const RAREST = 1_000

/** What `runZoo` takes. */
export interface ZooOptions {
  /** Default: all. */
  readonly cases?: readonly ZooCase[] | undefined
  /** Seeds of the jobs' data and of the resampling: each case is run with each. Default `[1]`. */
  readonly seeds?: readonly number[]
  /** Leaks are tried once in so many jobs: each of these rates, or the nearest to it for the case. Default: the case's own. */
  readonly every?: readonly number[] | undefined
  /** Default `['node']`. A case that cannot run in one is left out there. */
  readonly runtimes?: readonly string[] | undefined
  /** Jobs to judge. Default 10,000; never more than a case says. */
  readonly jobs?: number | undefined
  /** Cases at once. Default 2. */
  readonly concurrency?: number | undefined
  /** How long the weighing of a case may take, in ms. Default 60,000. */
  readonly timeMs?: number | undefined
  /** Told of each result as it comes. */
  readonly onResult?: (result: ZooResult) => void
  /** Ends all processes: the runs under way have failed then, and those that were to come are left out. */
  readonly signal?: AbortSignal
}

/** What one run of a case came to. */
export interface ZooResult {
  readonly name: string
  readonly runtime: string
  readonly kind: string
  readonly truth: 'leak' | 'flat'
  readonly verdict: Verdict | 'failed'
  /** Why, in one sentence; of a run that failed, the error. */
  readonly because: string
  /** It leaked once in so many jobs; null for a case that does not. */
  readonly every: number | null
  readonly seed: number
  readonly jobs: number
  /** What was named as leaking. */
  readonly named: string | null
  /** Whether that was what leaks. */
  readonly isSuspect: boolean
  /** How long it took, in ms. */
  readonly ms: number
}

/** One run of a case that is to be made. */
interface Run {
  readonly zooCase: ZooCase
  readonly runtime: string
  readonly truth: 'leak' | 'flat'
  readonly every: number | null
  readonly seed: number
  readonly jobs: number
}

/**
 * Judges handlers of known truth, each in processes of its own, and says what each came to, in the order of the cases.
 *
 * @example
 * const results = await runZoo({ seeds: [1, 2, 3], every: [1, 1_000] })
 * const wrong = results.filter(({ truth, verdict }) => verdict !== truth)
 */
export async function runZoo(options: ZooOptions = {}): Promise<readonly ZooResult[]> {
  const runs = runsOf(options)
  const results: ZooResult[] = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let n = next++; n < runs.length && !options.signal?.aborted; n = next++) {
      const result = await judge(runs[n] as Run, options)
      results[n] = result
      options.onResult?.(result)
    }
  }
  await Promise.all(Array.from({ length: options.concurrency ?? DEFAULT_ZOO_CONCURRENCY }, work))
  return results.filter((result) => result !== undefined)
}

/** The runs that are to be made: a case that leaks at each rate, one that is flat once, and all with each seed. */
export function runsOf({
  cases = ZOO,
  runtimes = [NODE],
  seeds = [1],
  every,
  jobs: asked = DEFAULT_JOBS,
}: ZooOptions): Run[] {
  const wanted = cases.flatMap((zooCase) => runtimes.map((runtime) => ({ zooCase, runtime })))
  return wanted.flatMap(({ zooCase, runtime }) => {
    const truth = truthOf(zooCase, runtime)
    if (truth === undefined) return []
    const jobs = Math.min(asked, zooCase.jobs ?? asked)
    const rates = truth === 'flat' ? [null] : ratesOf(zooCase, jobs, every)
    return seeds.flatMap((seed) => rates.map((rate): Run => ({ zooCase, runtime, truth, every: rate, seed, jobs })))
  })
}

/** What a case is in a runtime; undefined where it cannot run. */
function truthOf({ verdict, elsewhere }: ZooCase, runtime: string): 'leak' | 'flat' | undefined {
  const other = elsewhere?.[runtime as keyof typeof elsewhere]
  if (!other) return verdict
  return 'verdict' in other ? other.verdict : undefined
}

function ratesOf(
  { every: least = 1, rarest = RAREST }: ZooCase,
  jobs: number,
  every: readonly number[] = [least],
): number[] {
  const most = Math.max(least, Math.min(rarest, Math.floor(jobs / 2 / LEAKS_PER_COHORT)))
  return [...new Set(every.map((rate) => Math.min(most, Math.max(least, rate))))]
}

async function judge(
  { zooCase, runtime, truth, every, seed, jobs }: Run,
  { timeMs, signal }: ZooOptions,
): Promise<ZooResult> {
  const { name, kind, suspect } = zooCase
  const startedAt = performance.now()
  const { runs, failed } = await runHarness({
    module: handlerPath(name),
    runtimes: [runtime],
    jobs,
    seed,
    timeMs,
    stallMs: DEFAULT_STALL_MS,
    env: { ZOO_EVERY: String(every ?? 1), ZOO_SEED: String(seed) },
    ...(signal ? { signal } : {}),
  })
  const run = runs[0]
  return {
    name,
    runtime,
    kind,
    truth,
    verdict: run?.verdict ?? 'failed',
    because: run?.because ?? failed[0]?.error ?? 'nothing was run',
    every,
    seed,
    jobs,
    ...(run ? namedIn(run, runtime === NODE ? suspect : nameOf(suspect)) : { named: null, isSuspect: false }),
    ms: Math.round(performance.now() - startedAt),
  }
}

/** The ways are those of Node: elsewhere the same object hangs on other parts of the runtime. */
function nameOf({ what, measure }: Suspect = {}): Suspect {
  return { ...(what === undefined ? {} : { what }), ...(measure === undefined ? {} : { measure }) }
}

/** The handlers have the extension that this file has: sources here, compiled in the package. */
function handlerPath(name: string): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return fileURLToPath(new URL(`./handlers/${name}.${extension}`, import.meta.url))
}
