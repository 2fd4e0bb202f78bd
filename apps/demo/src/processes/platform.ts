import process from 'node:process'
import type { Server } from '@isobar/adapters/node'
import * as node from '@isobar/adapters/node'
import { Scope, type Size } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { QUEUES } from '../queues.ts'
import { createTrace } from '../trace.ts'
import type { Adapter } from './adapter.ts'
import { createBackOffice } from './back-office.ts'
import { createDashboard } from './dashboard.ts'
import { type Engine, openEngine } from './engine.ts'
import { type Generator, startGenerator } from './generator.ts'
import { startHookSink } from './hook-sink.ts'
import type { IsolateEnv } from './isolate-app.ts'
import type { DemoOptions, ServeWish } from './options.ts'
import { createPlatformHttp, listen } from './platform-http.ts'
import { createDemoStore, createDemoTables } from './providers.ts'
import { ENDLESS, type Run } from './run.ts'
import { startSmtpSink } from './smtp-sink.ts'

/** How long finished jobs can be looked up. */
const RETAIN = '1h'

/** Isolates, and the memory of each: so little that a leak is met within minutes. */
const ISOLATES = 2
const ISOLATE_MEMORY: Size = '384mb'

/** A small heap that is collected after each few MB, as the sentinel learns from collections only. */
const COLLECT_OFTEN = ['--optimize-for-size', '--heap-growing-percent=5']

/** How often the queues are looked at. */
const STATS_EVERY = '1s'

/** Ready jobs above which no traffic is added, in seconds of it. */
const FULL_S = 10

/** Dead letters left with the broker; later ones are counted and discarded. */
export const KEEP_DEAD = 500

/** What `servePlatform` is told. */
export type ServeOptions = DemoOptions & { readonly serve: ServeWish }

/** What `servePlatform` is told besides the options. */
export interface PlatformHost {
  /** The runtime's. Default: Node's. */
  readonly adapter?: Adapter
  /** Whether SIGINT and SIGTERM drain the worker and end the process. */
  readonly signals: boolean
  /** Told what somebody should know and nothing fails of. */
  readonly onNotice?: (message: string) => void
  /** Called when the worker has drained, before the process may end. */
  readonly onStop?: () => void
}

/** A platform that is served. */
export interface Platform {
  readonly server: Server
  /** Where API and dashboard are; undefined: nowhere. */
  readonly url: string | undefined
  /** Whether sending leaks. Can be turned. */
  readonly leak: { isOn: boolean }
  /** Jobs of the traffic so far, those of earlier starts included. */
  readonly fed: number
  /** Drains the worker and ends what was started. */
  stop(): Promise<void>
}

/**
 * Serves the platform without end: its worker in isolates, traffic at a rate, and where a port is given the API and the
 * dashboard. Tables and contents stay with this process (`back-office.ts`), so that all isolates have the same.
 * @throws {IsobarError} when the engine cannot be had, or holds another run.
 */
export async function servePlatform(options: ServeOptions, host: PlatformHost): Promise<Platform> {
  const scope = new Scope()
  let server: Server | undefined
  try {
    const engine = await openEngine(options.place, host.onNotice, RETAIN)
    scope.defer(() => engine.close())
    const run = await engine.openRun({ ...options, jobs: ENDLESS })
    const leak = { isOn: options.leak }
    const store = createDemoStore()
    const env = await openSurroundings(scope, engine, store, leak)
    server = await startWorker(scope, engine, options, host, env)
    const generator = startTraffic(server, run, options, host)
    scope.defer(() => generator.stop())
    const { port } = options.serve
    const producer = createProducer(engine.broker)
    const http = createPlatformHttp({ producer, store, leak, dashboard: createDashboard(server) })
    const listening = port === undefined ? undefined : scope.use(await listen(http, port))
    return toPlatform(server, generator, leak, listening && `http://127.0.0.1:${listening.port}`)
  } catch (error) {
    // A server that has started takes the scope with it when it stops.
    await (server ? server.stop() : scope[Symbol.asyncDispose]())
    throw error
  }
}

function toPlatform(server: Server, generator: Generator, leak: { isOn: boolean }, url: string | undefined): Platform {
  return {
    server,
    url,
    leak,
    get fed() {
      return generator.fed
    },
    stop: async () => {
      await server.stop()
    },
  }
}

function startWorker(
  scope: Scope,
  engine: Engine,
  { concurrency }: ServeOptions,
  { adapter = node, signals, onStop }: PlatformHost,
  env: IsolateEnv,
): Promise<Server> {
  return adapter.serve(new URL('./isolate-app.ts', import.meta.url), {
    broker: engine.broker,
    queues: QUEUES,
    statsEvery: STATS_EVERY,
    signals,
    isolates: {
      size: ISOLATES,
      memory: ISOLATE_MEMORY,
      jobs: Number.POSITIVE_INFINITY,
      concurrency: Math.max(1, Math.ceil(concurrency / ISOLATES)),
      ...(isNode() && { execArgv: [...process.execArgv, ...COLLECT_OFTEN] }),
      env,
    },
    on: { dead: toDiscard(engine) },
    onStop: async () => {
      await scope[Symbol.asyncDispose]()
      onStop?.()
    },
  })
}

function startTraffic(
  server: Server,
  run: Run,
  { serve: { rate } }: ServeOptions,
  { onNotice }: PlatformHost,
): Generator {
  const generator = startGenerator({
    ...{ trace: createTrace({ jobs: 1, seed: run.seed }), from: run.from.fed, rate, feed: run.feed },
    isFull: () => readyIn(server) > rate * FULL_S,
    onError: (error) => onNotice?.(`no traffic: ${error instanceof Error ? error.message : error}`),
  })
  server.addHook('drain', () => void generator.stop())
  return generator
}

/** Starts what isolates ask: recipients' and customers' servers, and the back office. Answers where they are. */
async function openSurroundings(
  scope: Scope,
  { tables = createDemoTables() }: Engine,
  store: ReturnType<typeof createDemoStore>,
  leak: { readonly isOn: boolean },
): Promise<IsolateEnv> {
  const token = crypto.randomUUID()
  const sink = scope.use(await startSmtpSink())
  const hooks = scope.use(await startHookSink())
  const office = scope.use(await listen(createBackOffice({ tables, store, leak, token }), 0))
  return {
    DEMO_OFFICE_URL: `http://127.0.0.1:${office.port}`,
    DEMO_OFFICE_TOKEN: token,
    DEMO_SMTP_PORT: String(sink.port),
    DEMO_HOOKS_PORT: String(hooks.port),
  }
}

/** The first dead letters stay, to be looked at; what poison leaves after that would only pile up. */
function toDiscard({ broker }: Engine): (event: { readonly job: { readonly id: string } }) => void {
  let dead = 0
  return ({ job }) => {
    if (++dead > KEEP_DEAD) void broker.deadLetters.discard({ ids: [job.id] }).catch(() => {})
  }
}

function readyIn({ worker }: Server): number {
  return worker.health().queueFigures?.queues.reduce((sum, { ready }) => sum + ready, 0) ?? 0
}

/** The others have other flags. */
function isNode(): boolean {
  return !('Deno' in globalThis) && !('Bun' in globalThis)
}
