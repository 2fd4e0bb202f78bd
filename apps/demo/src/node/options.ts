import { parseArgs } from 'node:util'
import { DemoOptionError } from '../errors.ts'
import { DEFAULT_JOBS } from '../trace.ts'

/** Jobs at once. */
export const DEFAULT_CONCURRENCY = 10

/** What the demo can be told. */
export interface DemoOptions {
  /** Jobs of the trace. Default 10,000. */
  readonly jobs: number
  /** Jobs at once. Default 10. */
  readonly concurrency: number
  /** The same seed gives the same jobs. Default 1. */
  readonly seed: number
}

/** What `--help` prints. */
export const HELP = `isobar demo: an e-mail platform's jobs through one worker, with its memory in view

  --jobs N          jobs of the trace (default ${DEFAULT_JOBS})
  --concurrency N   jobs at once (default ${DEFAULT_CONCURRENCY})
  --seed N          another trace (default 1)
  --help            this

Ctrl-C drains and tells what was done; a second one ends at once.
`

/**
 * Reads the command line. Answers undefined when help is asked for.
 * @throws {DemoOptionError}
 */
export function readOptions(args: readonly string[]): DemoOptions | undefined {
  const values = parse(args)
  if (values.help) return undefined
  return {
    jobs: toWhole('--jobs', values.jobs, DEFAULT_JOBS, 1),
    concurrency: toWhole('--concurrency', values.concurrency, DEFAULT_CONCURRENCY, 1),
    seed: toWhole('--seed', values.seed, 1, 0),
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      // npm's way of passing options on leaves its mark in front.
      args: args[0] === '--' ? args.slice(1) : [...args],
      options: { jobs: text, concurrency: text, seed: text, help: { type: 'boolean', short: 'h' } },
    }).values
  } catch (error) {
    throw new DemoOptionError(`${error instanceof Error ? error.message : error}; --help tells the options`)
  }
}

function toWhole(flag: string, value: string | undefined, otherwise: number, least: number): number {
  const number = value === undefined ? otherwise : Number(value.replaceAll(/[_,]/g, ''))
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new DemoOptionError(`${flag} ${value} must be a whole number of at least ${least}`)
}
