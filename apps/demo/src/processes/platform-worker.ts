import process from 'node:process'
import type { IsolateOptions, Permissions, Server } from '@isobar/adapters/node'
import type { Broker, Size } from '@isobar/core'
import { QUEUES } from '../queues.ts'
import type { Adapter } from './adapter.ts'
import type { IsolateEnv } from './isolate-app.ts'

/** Isolates, and the memory of each: so little that a leak is met within minutes. */
const ISOLATES = 2
const ISOLATE_MEMORY: Size = '384mb'

/** A small heap that is collected after each few MB, as the sentinel learns from collections only. */
const COLLECT_OFTEN = ['--optimize-for-size', '--heap-growing-percent=5']

/** On Deno, what handlers may do: reach what the demo plays. */
const PERMISSIONS: Permissions = { net: ['127.0.0.1', 'localhost'] }

/** How often the queues are looked at. */
const STATS_EVERY = '1s'

/** Dead letters left with the broker; later ones are counted and discarded. */
const KEEP_DEAD = 500

/** What the platform's worker is told. */
export interface PlatformWorker {
  readonly adapter: Adapter
  readonly broker: Broker
  /** Jobs at once, in all isolates. */
  readonly concurrency: number
  /** Where isolates find what they ask. */
  readonly env: IsolateEnv
  /** Whether SIGINT and SIGTERM drain it and end the process. */
  readonly signals: boolean
  /** Called when it has drained. */
  readonly onStop: () => Promise<void>
}

/** Starts the platform's worker, its handlers in isolates. */
export function startWorker({ adapter, broker, concurrency, env, signals, onStop }: PlatformWorker): Promise<Server> {
  return adapter.serve(new URL('./isolate-app.ts', import.meta.url), {
    broker,
    queues: QUEUES,
    statsEvery: STATS_EVERY,
    signals,
    isolates: {
      size: ISOLATES,
      memory: ISOLATE_MEMORY,
      jobs: Number.POSITIVE_INFINITY,
      concurrency: Math.max(1, Math.ceil(concurrency / ISOLATES)),
      ...toFlags(),
      env,
    },
    on: { dead: toDiscard(broker) },
    onStop,
  })
}

/** The first dead letters stay, to be looked at; what poison leaves after that would only pile up. */
function toDiscard({ deadLetters }: Broker): (event: { readonly job: { readonly id: string } }) => void {
  let dead = 0
  return ({ job }) => {
    if (++dead > KEEP_DEAD) void deadLetters.discard({ ids: [job.id] }).catch(() => {})
  }
}

/** What a runtime is told about its isolates. */
function toFlags(): Pick<IsolateOptions, 'execArgv' | 'permissions'> {
  if ('Bun' in globalThis) return {}
  return 'Deno' in globalThis ? { permissions: PERMISSIONS } : { execArgv: [...process.execArgv, ...COLLECT_OFTEN] }
}
