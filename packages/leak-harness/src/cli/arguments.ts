import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { HarnessOptions } from '../run-harness.ts'
import { ZOO } from '../zoo/cases.ts'
import type { ZooOptions } from '../zoo/run-zoo.ts'
import { budget, choice, duration, named, reporters, usage, whole } from './values.ts'

/** Ways to report that this version has. */
export const REPORTERS = ['terminal', 'json', 'html', 'junit', 'github'] as const

/** Those that write a file: standard output has room for one of them. */
export const FILE_REPORTERS = ['json', 'html', 'junit'] as const

/** A way to report. */
export type Reporter = (typeof REPORTERS)[number]

/** Ways to report on the zoo. */
const ZOO_REPORTERS = ['terminal', 'json', 'markdown'] as const

/** A way to report on the zoo. */
export type ZooReporter = (typeof ZOO_REPORTERS)[number]

/** A Cloudflare Worker to judge. */
export interface WorkerUnderTest {
  /** Absolute path of its configuration. */
  readonly config: string
  /** Name of the queue whose messages are replayed; the only one of the configuration when undefined. */
  readonly queue: string | undefined
  /** Messages of a batch. */
  readonly batch: number | undefined
}

const OUTBOUND = ['block', 'allow'] as const

/** Whether jobs may reach the network. */
export type Outbound = (typeof OUTBOUND)[number]

/** What the command line asks for. */
export type Invocation =
  | { readonly command: 'help' }
  | { readonly command: 'version' }
  | {
      readonly command: 'run'
      readonly options: HarnessOptions
      readonly reporters: readonly Reporter[]
      /** Absolute path of the folder for files. */
      readonly out: string | undefined
      readonly allowUndecided: boolean
      /** Whether planted controls are judged first. */
      readonly controls: boolean
      /** Leaks that are accepted, and whether to write them anew. */
      readonly baseline: { readonly file: string; readonly update: boolean } | undefined
      /** A Cloudflare Worker as it stands, in place of a module. */
      readonly worker: WorkerUnderTest | undefined
      /** Absolute path of a BullMQ processor as it stands, in place of a module. */
      readonly bullmq: string | undefined
      /** Whether the runtime lets jobs reach the network; its own default when undefined. */
      readonly outbound: Outbound | undefined
    }
  | {
      readonly command: 'compare'
      /** Absolute paths of two reports. */
      readonly before: string
      readonly after: string
    }
  | {
      readonly command: 'zoo'
      readonly options: ZooOptions
      readonly reporters: readonly ZooReporter[]
      /** Absolute path of the folder for files. */
      readonly out: string | undefined
    }

/** Options of the zoo alone, and those that it has in common with `run`. */
const ZOO_FLAGS: readonly string[] = ['only', 'seeds', 'every']
const SHARED_FLAGS: readonly string[] = ['runtime', 'jobs', 'seed', 'concurrency', 'time', 'reporter', 'out']

/**
 * Reads the command line. Paths are resolved against `base`.
 * @throws {HarnessError} `HARNESS_USAGE` for what cannot be understood.
 */
export function parseArguments(args: readonly string[], base: string): Invocation {
  const { values, positionals } = parse(args)
  if (values.help) return { command: 'help' }
  if (values.version) return { command: 'version' }
  const [command, ...rest] = positionals
  switch (command) {
    case undefined:
      throw usage('there is no command')
    case 'run':
      return parseRun(values, rest, base)
    case 'compare':
      return parseCompare(values, rest, base)
    case 'zoo':
      return parseZoo(values, rest, base)
    default:
      throw usage(`there is no command "${command}"`)
  }
}

type Values = ReturnType<typeof parse>['values']

function parseRun(values: Values, positionals: readonly string[], base: string): Invocation {
  const foreign = ZOO_FLAGS.find((flag) => flag in values)
  if (foreign !== undefined) throw usage(`--${foreign} is an option of zoo; run does not have it`)
  const path = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : resolve(base, value)
  const worker = parseWorker(values, base)
  const bullmq = path(values.bullmq)
  const module = subjectOf(positionals, { module: path(positionals[0]), worker: worker?.config, bullmq })
  const wanted = reporters(named('--reporter', values.reporter) ?? ['terminal'], REPORTERS)
  const files = FILE_REPORTERS.filter((name) => wanted.includes(name))
  if (values.out === undefined && files.length > 1)
    throw usage(`--reporter ${files.join(',')} needs a folder to write to; give --out DIR`)
  return {
    command: 'run',
    options: {
      module,
      runtimes: named('--runtime', values.runtime) ?? [worker ? 'workerd' : 'node'],
      jobs: whole('--jobs', values.jobs, 1),
      warmup: whole('--warmup', values.warmup, 0),
      concurrency: whole('--concurrency', values.concurrency, 1),
      seed: whole('--seed', values.seed, 0),
      trace: path(values.trace),
      budget: budget(values.budget),
      timeMs: duration('--time', values.time),
      stallMs: duration('--stall', values.stall),
      imports: values.import ?? [],
      bleed: values.bleed === true,
      cwd: base,
    },
    reporters: wanted,
    out: path(values.out),
    allowUndecided: values['allow-undecided'] === true,
    controls: values.controls === true,
    baseline: parseBaselineFlags(values, base),
    worker,
    bullmq,
    outbound: choice('--outbound', values.outbound, OUTBOUND),
  }
}

/** What is judged: one of a module, a Worker and a processor. */
function subjectOf(
  positionals: readonly string[],
  subjects: {
    readonly module: string | undefined
    readonly worker: string | undefined
    readonly bullmq: string | undefined
  },
): string {
  const [, second] = positionals
  if (second !== undefined) throw usage(`run takes one module; "${second}" is one too many`)
  const given = Object.values(subjects).filter((subject) => subject !== undefined)
  if (given.length > 1) throw usage('run takes one of a module, --worker and --bullmq')
  if (given[0] === undefined) throw usage('run needs a module, --worker FILE or --bullmq FILE')
  return given[0]
}

function parseWorker({ worker, queue, batch }: Values, base: string): WorkerUnderTest | undefined {
  if (worker === undefined) {
    if (queue !== undefined || batch !== undefined)
      throw usage(`--${queue === undefined ? 'batch' : 'queue'} goes with --worker FILE`)
    return undefined
  }
  return { config: resolve(base, worker), queue, batch: whole('--batch', batch, 1) }
}

function parseBaselineFlags(values: Values, base: string): { file: string; update: boolean } | undefined {
  const update = values['update-baseline'] === true
  if (values.baseline !== undefined) return { file: resolve(base, values.baseline), update }
  if (update) throw usage('--update-baseline needs a file to write; give --baseline FILE')
  return undefined
}

function parseCompare(values: Values, positionals: readonly string[], base: string): Invocation {
  const [foreign] = Object.keys(values)
  if (foreign !== undefined) throw usage(`compare has no --${foreign}`)
  const [before, after, more] = positionals
  if (before === undefined || after === undefined) throw usage('compare needs two reports, such as A.json B.json')
  if (more !== undefined) throw usage(`compare takes two reports; "${more}" is one too many`)
  return { command: 'compare', before: resolve(base, before), after: resolve(base, after) }
}

function parseZoo(values: Values, rest: readonly string[], base: string): Invocation {
  const foreign = Object.keys(values).find((flag) => !ZOO_FLAGS.includes(flag) && !SHARED_FLAGS.includes(flag))
  if (foreign !== undefined) throw usage(`--${foreign} is an option of run; zoo does not have it`)
  if (rest.length > 0) throw usage(`zoo takes no module; its handlers come with it (--only ${rest[0]} chooses one)`)
  const firstSeed = whole('--seed', values.seed, 0) ?? 1
  const seeds = whole('--seeds', values.seeds, 1) ?? 1
  const wanted = reporters(named('--reporter', values.reporter) ?? ['terminal'], ZOO_REPORTERS)
  if (values.out === undefined && wanted.includes('json') && wanted.includes('markdown'))
    throw usage('--reporter json,markdown needs a folder to write to; give --out DIR')
  return {
    command: 'zoo',
    options: {
      cases: only(named('--only', values.only)),
      seeds: Array.from({ length: seeds }, (_, n) => firstSeed + n),
      every: named('--every', values.every)?.map((rate) => whole('--every', rate, 1) as number),
      runtimes: named('--runtime', values.runtime) ?? ['node'],
      jobs: whole('--jobs', values.jobs, 100),
      concurrency: whole('--concurrency', values.concurrency, 1),
      timeMs: duration('--time', values.time),
    },
    reporters: wanted,
    out: values.out === undefined ? undefined : resolve(base, values.out),
  }
}

function only(names: readonly string[] | undefined): ZooOptions['cases'] {
  const unknown = names?.find((name) => !ZOO.some((one) => one.name === name))
  if (unknown !== undefined) throw usage(`the zoo has no case "${unknown}"`)
  return names && ZOO.filter(({ name }) => names.includes(name))
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
        runtime: { type: 'string' },
        jobs: { type: 'string' },
        warmup: { type: 'string' },
        concurrency: { type: 'string' },
        trace: { type: 'string' },
        budget: { type: 'string' },
        time: { type: 'string' },
        stall: { type: 'string' },
        seed: { type: 'string' },
        import: { type: 'string', multiple: true },
        reporter: { type: 'string' },
        out: { type: 'string' },
        'allow-undecided': { type: 'boolean' },
        controls: { type: 'boolean' },
        bleed: { type: 'boolean' },
        only: { type: 'string' },
        seeds: { type: 'string' },
        every: { type: 'string' },
        worker: { type: 'string' },
        queue: { type: 'string' },
        batch: { type: 'string' },
        bullmq: { type: 'string' },
        outbound: { type: 'string' },
        baseline: { type: 'string' },
        'update-baseline': { type: 'boolean' },
      },
    })
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause))
  }
}
