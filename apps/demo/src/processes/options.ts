import { parseArgs } from 'node:util'
import { DemoOptionError } from '../errors.ts'
import { DEFAULT_JOBS, DEFAULT_SEED } from '../trace.ts'
import type { Place } from './engine.ts'
import { ENDLESS, type WantedRun } from './run.ts'

/** Jobs at once. */
export const DEFAULT_CONCURRENCY = 20

/** The embedded engine's folder, in the current directory. */
export const DEFAULT_FOLDER = '.isobar/demo'

/** Jobs a second that come in while the platform is served. */
export const DEFAULT_RATE = 50

/** What the demo can be told. */
export interface DemoOptions extends WantedRun {
  /** Default: PostgreSQL where DATABASE_URL names one, else the embedded engine in `.isobar/demo`. */
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
  /** Where API and dashboard are answered, on loopback; 0 is any that is free. Absent: nowhere. */
  readonly port?: number
  /** Jobs a second. Default 50. */
  readonly rate: number
}

/** What `--help` prints. */
export const HELP = `isobar demo: an e-mail platform's jobs through one worker, with its memory in view

  --folder PATH     on the embedded engine, in this folder (default ${DEFAULT_FOLDER})
  --database URL    on PostgreSQL (default where DATABASE_URL is set)
  --memory          in memory: nothing outlives the process
  --fresh           begin a new run, also when the one before is not complete
  --jobs N          jobs of the trace (default ${DEFAULT_JOBS})
  --seed N          another trace (default ${DEFAULT_SEED})
  --concurrency N   jobs at once (default ${DEFAULT_CONCURRENCY})
  --serve           go on without end: a worker in isolates, and traffic at a rate
  --port N          the same, with the API and the dashboard at http://127.0.0.1:N
  --rate N          jobs a second (default ${DEFAULT_RATE})
  --leak            let sending leak, to see it found
  --help            this

Ctrl-C drains and tells what was done; a second one ends at once. Started again, also after kill -9, it goes on where it
was; a run that was complete is followed by a new one.
`

/**
 * Reads the command line. Answers undefined when help is asked for.
 * @throws {DemoOptionError}
 */
export function readOptions(
  args: readonly string[],
  env: { readonly DATABASE_URL?: string | undefined } = process.env,
): DemoOptions | undefined {
  const values = parse(args)
  if (values.help) return undefined
  const serve = toServe(values)
  if (serve && values.jobs !== undefined)
    throw new DemoOptionError('a platform that is served has no end; leave --jobs away')
  return {
    place: toPlace(values, env.DATABASE_URL),
    jobs: serve ? ENDLESS : toWhole('--jobs', values.jobs, 1),
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
        ...{ folder: text, database: text, memory: flag, fresh: flag },
        ...{ serve: flag, port: text, rate: text, leak: flag },
        ...{ jobs: text, seed: text, concurrency: text, help: { type: 'boolean', short: 'h' } },
      },
    }).values
  } catch (error) {
    throw new DemoOptionError(`${error instanceof Error ? error.message : error}; --help tells the options`)
  }
}

interface ServeFlags {
  readonly serve?: boolean | undefined
  readonly port?: string | undefined
  readonly rate?: string | undefined
}

function toServe({ serve = false, port: named, rate: wanted }: ServeFlags): ServeWish | undefined {
  const port = toWhole('--port', named, 0)
  const rate = toWhole('--rate', wanted, 1)
  if (port !== undefined && port > 65_535) throw new DemoOptionError(`--port ${named} must be at most 65535`)
  if (!serve && port === undefined) {
    if (rate !== undefined) throw new DemoOptionError('--rate is of a platform that is served; add --serve or --port')
    return undefined
  }
  return { rate: rate ?? DEFAULT_RATE, ...(port !== undefined && { port }) }
}

interface PlaceFlags {
  readonly folder?: string | undefined
  readonly database?: string | undefined
  readonly memory?: boolean | undefined
}

function toPlace({ folder, database, memory }: PlaceFlags, url: string | undefined): Place {
  if ([folder !== undefined, database !== undefined, memory].filter(Boolean).length > 1)
    throw new DemoOptionError('--folder, --database and --memory are three places; name one')
  if (folder === '' || database === '') throw new DemoOptionError('--folder and --database need a value')
  if (memory) return { kind: 'memory' }
  if (folder !== undefined) return { kind: 'embedded', folder }
  const named = database ?? url
  return named ? { kind: 'postgres', url: named } : { kind: 'embedded', folder: DEFAULT_FOLDER }
}

function toWhole(flag: string, value: string | undefined, least: number): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value.replaceAll(/[_,]/g, '') || Number.NaN)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new DemoOptionError(`${flag} ${value} must be a whole number of at least ${least}`)
}
