import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Duration, toMs } from '@isobar/core'
import { HarnessError } from '../errors.ts'
import { DEFAULT_BUDGET } from '../options.ts'
import type { Budget } from '../replay/contract.ts'
import type { HarnessOptions } from '../run-harness.ts'
import { ZOO } from '../zoo/cases.ts'
import type { ZooOptions } from '../zoo/run-zoo.ts'

/** Ways to report that this version has. */
export const REPORTERS = ['terminal', 'json'] as const

/** A way to report. */
export type Reporter = (typeof REPORTERS)[number]

/** Ways to report on the zoo. */
const ZOO_REPORTERS = ['terminal', 'json', 'markdown'] as const

/** A way to report on the zoo. */
export type ZooReporter = (typeof ZOO_REPORTERS)[number]

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
    }
  | {
      readonly command: 'zoo'
      readonly options: ZooOptions
      readonly reporters: readonly ZooReporter[]
      /** Absolute path of the folder for files. */
      readonly out: string | undefined
    }

/** Flags and commands of the contract that this version does not have: an error, never something else in their place. */
const LATER_FLAGS = ['worker', 'queue', 'bullmq'] as const
const LATER_COMMANDS: readonly string[] = ['compare']
const LATER_REPORTERS: readonly string[] = ['html', 'junit', 'github']

/** Options of the zoo alone, and those that it has in common with `run`. */
const ZOO_FLAGS: readonly string[] = ['only', 'seeds', 'every']
const SHARED_FLAGS: readonly string[] = ['jobs', 'seed', 'concurrency', 'time', 'reporter', 'out']

/**
 * Reads the command line. Paths are resolved against `base`.
 * @throws {HarnessError} `HARNESS_USAGE` for what cannot be understood, `HARNESS_NOT_AVAILABLE` for what this version does not have.
 */
export function parseArguments(args: readonly string[], base: string): Invocation {
  const { values, positionals } = parse(args)
  if (values.help) return { command: 'help' }
  if (values.version) return { command: 'version' }
  const [command, module, ...rest] = positionals
  if (command === undefined) throw usage('there is no command')
  if (LATER_COMMANDS.includes(command)) throw later(command)
  if (command === 'zoo') return parseZoo(values, positionals.slice(1), base)
  if (command !== 'run') throw usage(`there is no command "${command}"`)
  for (const flag of LATER_FLAGS) if (values[flag] !== undefined) throw later(`--${flag}`)
  const foreign = ZOO_FLAGS.find((flag) => flag in values)
  if (foreign !== undefined) throw usage(`--${foreign} is an option of zoo; run does not have it`)
  if (module === undefined) throw usage('run needs a module')
  if (rest.length > 0) throw usage(`run takes one module; "${rest[0]}" is one too many`)
  return {
    command: 'run',
    options: {
      module: resolve(base, module),
      runtimes: named('--runtime', values.runtime) ?? ['node'],
      jobs: whole('--jobs', values.jobs, 1),
      warmup: whole('--warmup', values.warmup, 0),
      concurrency: whole('--concurrency', values.concurrency, 1),
      seed: whole('--seed', values.seed, 0),
      trace: values.trace === undefined ? undefined : resolve(base, values.trace),
      budget: budget(values.budget),
      timeMs: duration('--time', values.time),
      stallMs: duration('--stall', values.stall),
      imports: values.import ?? [],
      bleed: values.bleed === true,
      cwd: base,
    },
    reporters: reporters(named('--reporter', values.reporter) ?? ['terminal'], REPORTERS),
    out: values.out === undefined ? undefined : resolve(base, values.out),
    allowUndecided: values['allow-undecided'] === true,
    controls: values.controls === true,
  }
}

function parseZoo(values: ReturnType<typeof parse>['values'], rest: readonly string[], base: string): Invocation {
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
        bullmq: { type: 'string' },
      },
    })
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause))
  }
}

function list(value: string | undefined): string[] | undefined {
  return value
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function named(flag: string, value: string | undefined): string[] | undefined {
  const names = list(value)
  if (names?.length === 0) throw usage(`${flag} names none`)
  return names && [...new Set(names)]
}

function whole(flag: string, value: string | undefined, least: number): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value.replaceAll('_', ''))
  if (!Number.isSafeInteger(number) || number < least || value.trim() === '')
    throw usage(`${flag} ${value} is not a whole number of ${least} or more`)
  return number
}

function duration(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  try {
    const ms = toMs(value as Duration)
    if (ms > 0) return ms
  } catch {
    // Said below, with the flag's name.
  }
  throw usage(`${flag} ${value} is not a duration over 0; give a number with a unit, such as 60s or 2m`)
}

function budget(value: string | undefined): Partial<Budget> | undefined {
  const parts = (list(value) ?? []).map((part) => {
    const [name = '', number = '', ...rest] = part.split('=')
    const amount = Number(number)
    if (!Object.hasOwn(DEFAULT_BUDGET, name))
      throw usage(`--budget has no measure "${name}"; the measures are ${Object.keys(DEFAULT_BUDGET).join(', ')}`)
    if (number.trim() === '' || rest.length > 0 || !Number.isFinite(amount) || amount < 0)
      throw usage(`--budget ${part} has no number of 0 or more`)
    return [name, amount] as const
  })
  return parts.length === 0 ? undefined : Object.fromEntries(parts)
}

function reporters<Name extends string>(names: readonly string[], known: readonly Name[]): readonly Name[] {
  return names.map((name) => {
    if (LATER_REPORTERS.includes(name)) throw later(`--reporter ${name}`)
    const reporter = known.find((one) => one === name)
    if (!reporter) throw usage(`there is no reporter "${name}"; the reporters are ${known.join(', ')}`)
    return reporter
  })
}

function usage(problem: string): HarnessError {
  return new HarnessError('HARNESS_USAGE', `${problem}; see leak-harness --help`)
}

function later(what: string): HarnessError {
  return new HarnessError(
    'HARNESS_NOT_AVAILABLE',
    `${what} is not available in this version; see leak-harness --help for what is`,
  )
}
