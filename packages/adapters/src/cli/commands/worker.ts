import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { IsolateOptions, ServeIsolatesOptions, Server, ServerOptions } from '@isobar/adapters/node'
import { type App, type Duration, IsobarError, type Size } from '@isobar/core'
import { loadApp, notLoaded } from '../app-module.ts'
import type { Command } from '../command.ts'
import { UsageError } from '../errors.ts'

/** Runs an app's jobs until it is told to stop. */
export const worker: Command = {
  name: 'worker',
  summary: "run an app's jobs, until SIGTERM or SIGINT",
  usage: 'MODULE [options]',
  parameters: { least: 1, most: 1 },
  options: {
    queues: { value: 'A,B', help: "read in this order; default: those of the app's jobs" },
    concurrency: { value: 'N', help: 'jobs at once (in each isolate); default 10' },
    isolates: {
      value: 'N',
      help: 'run them in N processes; default: in this one',
    },
    'isolate-jobs': { value: 'N', help: 'after which an isolate is replaced; default 1000' },
    'isolate-memory': { value: 'SIZE', help: 'of an isolate, such as 256mb; default: shared' },
    grace: { value: 'TIME', help: 'how long jobs may go on after a signal; default 30s' },
    lease: { value: 'TIME', help: "after this a lost machine's jobs come back; default 30s" },
    retain: { value: 'TIME', help: 'how long done jobs can be looked up; default: none' },
  },
  async run({ parameters: [module = ''], options, io, createBroker }) {
    const { grace, lease, retain } = options
    const settings: Omit<ServerOptions, 'broker'> = {
      ...(options['queues'] && { queues: toNames(options['queues']) }),
      ...(grace && { grace: grace as Duration }),
      ...(lease && { lease: lease as Duration }),
    }
    const concurrency = toWhole(options, 'concurrency')
    const isolates = toIsolates(options, concurrency)
    // An app that is loaded here is loaded first: what is wrong with it opens no engine.
    const app = isolates ? undefined : ((await loadApp(module, io.cwd)) as App<typeof process.env>)
    const { serve } = await import('@isobar/adapters/node')
    const broker = await createBroker(retain ? { retain } : {})
    const { worker: running } = app
      ? await serve(app, { ...settings, ...(concurrency && { concurrency }), broker, env: process.env })
      : await serveModule(serve, resolve(io.cwd, module), { ...settings, ...(isolates && { isolates }), broker })
    const { queues } = running.health()
    io.tell(`isobar: worker ${running.id} takes jobs of ${queues.join(', ')} from broker ${broker.name}`)
    return undefined
  },
}

type Serve = typeof import('@isobar/adapters/node').serve

async function serveModule(serve: Serve, path: string, options: ServeIsolatesOptions): Promise<Server> {
  try {
    return await serve(pathToFileURL(path), options)
  } catch (error) {
    throw error instanceof IsobarError ? error : notLoaded(path, error)
  }
}

type Values = Readonly<Record<string, string | undefined>>

/** Undefined: handlers run in this process. */
function toIsolates(options: Values, concurrency: number | undefined): IsolateOptions | undefined {
  const size = toWhole(options, 'isolates')
  const jobs = toWhole(options, 'isolate-jobs')
  const memory = options['isolate-memory'] as Size | undefined
  if (size === undefined && (jobs !== undefined || memory !== undefined))
    throw new UsageError('--isolate-jobs and --isolate-memory are of isolates: say how many, with --isolates N')
  if (size === undefined) return undefined
  return { size, ...(jobs && { jobs }), ...(memory && { memory }), ...(concurrency && { concurrency }) }
}

function toWhole(options: Values, name: string): number | undefined {
  const value = options[name]
  if (value === undefined) return undefined
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= 1) return number
  throw new UsageError(`--${name} ${value} is not a whole number of at least 1`)
}

function toNames(value: string): readonly string[] {
  const names = value.split(',').map((name) => name.trim())
  if (names.every((name) => name !== '')) return [...new Set(names)]
  throw new UsageError(`--queues ${value} has an empty name; give names with commas between them: email,reports`)
}
