import { parseArgs } from 'node:util'
import { DemoOptionError } from '../errors.ts'
import { DEFAULT_JOBS, DEFAULT_SEED } from '../trace.ts'
import { type Environment, type Place, toPlace } from './place.ts'
import { ENDLESS, type WantedRun } from './run.ts'

/** Jobs at once. */
export const DEFAULT_CONCURRENCY = 20

/** Where API and dashboard are answered, on loopback. */
export const DEFAULT_PORT = 8080

/** Jobs a second that come in while the platform is served. */
export const DEFAULT_RATE = 50

/** What the demo can be told. */
export interface DemoOptions extends WantedRun {
  /** Default: `place.ts` says. */
  readonly place: Place
  /** Jobs at once. Default 20. */
  readonly concurrency: number
  /** Whether sending leaks from the start. Default false. */
  readonly leak: boolean
  /** Absent: a trace is run to its end. */
  readonly serve?: ServeWish
}

/** How a platform is served, with traffic without end. */
export interface ServeWish {
  /** Where API and dashboard are answered, on loopback; 0 is any that is free. Default 8080. */
  readonly port: number
  /** Jobs a second. Default 50. */
  readonly rate: number
}

/** What `--help` prints. */
export const HELP = `isobar demo: the worker of an e-mail platform, with its memory in view

pnpm start                the platform with traffic and its dashboard, until Ctrl-C
  --port N                where API and dashboard are answered, on 127.0.0.1 (default ${DEFAULT_PORT}; 0: any that is free)
  --rate N                jobs a second (default ${DEFAULT_RATE})
  --leak                  let sending leak from the start, to see it found; the page /switches turns it on and off

pnpm start --jobs N       a trace of N jobs, such as ${DEFAULT_JOBS}, to its end, and its ledger beside the one foreseen

both
  --folder PATH           on the embedded engine, in this folder (default .isobar/demo, and .isobar/ledger with --jobs)
  --database URL          on PostgreSQL (default where DATABASE_URL is set)
  --redis URL             jobs on BullMQ in Redis (default where REDIS_URL is set and no place is named); the platform's
                          tables stay where the others say
  --memory                in memory: nothing outlives the process
  --fresh                 begin anew, whatever the place holds
  --seed N                another trace (default ${DEFAULT_SEED})
  --concurrency N         jobs at once (default ${DEFAULT_CONCURRENCY})
  --help                  this

Ctrl-C drains and tells what was done; a second one ends at once. The same command, also after kill -9, goes on where it
was; a run of --jobs that was complete is followed by a new one.
`

/**
 * Reads the command line. Answers undefined when help is asked for.
 * @throws {DemoOptionError}
 */
export function readOptions(args: readonly string[], env: Environment = process.env): DemoOptions | undefined {
  const values = parse(args)
  if (values.help) return undefined
  const jobs = toWhole('--jobs', values.jobs, 1)
  const serve = toServe(values, jobs)
  return {
    place: toPlace(values, env, serve ? 'demo' : 'ledger'),
    jobs: jobs ?? ENDLESS,
    seed: toWhole('--seed', values.seed, 0),
    concurrency: toWhole('--concurrency', values.concurrency, 1) ?? DEFAULT_CONCURRENCY,
    fresh: values.fresh ?? false,
    leak: values.leak ?? false,
    ...(serve && { serve }),
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      // npm's way of passing options on leaves its mark in front.
      args: args[0] === '--' ? args.slice(1) : [...args],
      options: {
        ...{ folder: text, database: text, redis: text, memory: flag, fresh: flag },
        ...{ port: text, rate: text, leak: flag },
        ...{ jobs: text, seed: text, concurrency: text, help: { type: 'boolean', short: 'h' } },
      },
    }).values
  } catch (error) {
    throw new DemoOptionError(`${error instanceof Error ? error.message : error}; --help tells the options`)
  }
}

interface ServeFlags {
  readonly port?: string | undefined
  readonly rate?: string | undefined
}

/** Undefined where a trace is asked for. */
function toServe({ port, rate }: ServeFlags, jobs: number | undefined): ServeWish | undefined {
  if (jobs !== undefined) {
    if (port === undefined && rate === undefined) return undefined
    throw new DemoOptionError(
      '--jobs runs a trace to its end, without a dashboard; leave --jobs or --port and --rate away',
    )
  }
  const wish = { port: toWhole('--port', port, 0) ?? DEFAULT_PORT, rate: toWhole('--rate', rate, 1) ?? DEFAULT_RATE }
  if (wish.port > 65_535) throw new DemoOptionError(`--port ${port} must be at most 65535`)
  return wish
}

function toWhole(flag: string, value: string | undefined, least: number): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value.replaceAll(/[_,]/g, '') || Number.NaN)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new DemoOptionError(`${flag} ${value} must be a whole number of at least ${least}`)
}
