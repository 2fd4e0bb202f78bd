import type { ServeOptions } from '@isobar/adapters/node'
import type { App, Duration } from '@isobar/core'
import { loadApp } from '../app-module.ts'
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
    concurrency: { value: 'N', help: 'jobs at once; default 10' },
    grace: { value: 'TIME', help: 'how long jobs may go on after a signal; default 30s' },
    lease: { value: 'TIME', help: "after this a lost machine's jobs come back; default 30s" },
    retain: { value: 'TIME', help: 'how long done jobs can be looked up; default: not at all' },
  },
  async run({ parameters: [module = ''], options, io, createBroker }) {
    const { grace, lease, retain } = options
    const settings: Omit<ServeOptions, 'broker' | 'env'> = {
      ...(options['concurrency'] && { concurrency: toWhole(options['concurrency']) }),
      ...(options['queues'] && { queues: toNames(options['queues']) }),
      ...(grace && { grace: grace as Duration }),
      ...(lease && { lease: lease as Duration }),
    }
    const app = (await loadApp(module, io.cwd)) as App<typeof process.env>
    const { serve } = await import('@isobar/adapters/node')
    const broker = await createBroker(retain ? { retain } : {})
    const { worker: running } = await serve(app, { ...settings, broker, env: process.env })
    const queues = settings.queues ?? app.queues
    io.tell(`isobar: worker ${running.id} takes jobs of ${queues.join(', ')} from broker ${broker.name}`)
    return undefined
  },
}

function toWhole(value: string): number {
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= 1) return number
  throw new UsageError(`--concurrency ${value} is not a whole number of at least 1`)
}

function toNames(value: string): readonly string[] {
  const names = value.split(',').map((name) => name.trim())
  if (names.every((name) => name !== '')) return [...new Set(names)]
  throw new UsageError(`--queues ${value} has an empty name; give names with commas between them: email,reports`)
}
