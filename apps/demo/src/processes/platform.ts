import type { Server } from '@isobar/adapters/node'
import * as node from '@isobar/adapters/node'
import { Scope } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { createTrace } from '../trace.ts'
import type { Adapter } from './adapter.ts'
import { createBackOffice } from './back-office.ts'
import { createDashboard } from './dashboard.ts'
import { type Engine, openEngine } from './engine.ts'
import { type Generator, startGenerator } from './generator.ts'
import { startHookSink } from './hook-sink.ts'
import type { IsolateEnv } from './isolate-app.ts'
import type { DemoOptions, ServeWish } from './options.ts'
import { createPlatformHttp, createStarting, listen } from './platform-http.ts'
import { startWorker } from './platform-worker.ts'
import { createDemoStore, createDemoTables } from './providers.ts'
import { ENDLESS, type Run } from './run.ts'
import { startSmtpSink } from './smtp-sink.ts'
import type { Switches } from './switches.ts'

/** How long finished jobs can be looked up. */
const RETAIN = '1h'

/** Ready jobs above which no traffic is added, in seconds of it. */
const FULL_S = 10

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
  /** Told where API and dashboard will be, as soon as that is known: before the engine is open. */
  readonly onListen?: (url: string) => void
  /** Called when the worker has drained, before the process may end. */
  readonly onStop?: () => void
}

/** A platform that is served. */
export interface Platform {
  readonly server: Server
  /** Where API and dashboard are. */
  readonly url: string
  readonly switches: Switches
  /** Jobs of the traffic so far, those of earlier starts included. */
  readonly fed: number
  /** Drains the worker and ends what was started. */
  stop(): Promise<void>
}

/**
 * Serves the platform without end: its worker in isolates, traffic at a rate, the API and the dashboard. Tables and
 * contents stay with this process (`back-office.ts`), so that all isolates have the same.
 * @throws {IsobarError} when the port or the engine cannot be had, or the engine holds another run.
 */
export async function servePlatform(options: ServeOptions, host: PlatformHost): Promise<Platform> {
  const scope = new Scope()
  let server: Server | undefined
  try {
    // First, as a taken port is to be told at once, and an engine that is new takes some seconds.
    const starting = createStarting()
    const listening = scope.use(await listen(starting.http, options.serve.port))
    const url = `http://127.0.0.1:${listening.port}`
    host.onListen?.(url)
    const engine = await openEngine(options.place, host.onNotice, RETAIN)
    scope.defer(() => engine.close())
    const run = await engine.openRun({ ...options, jobs: ENDLESS })
    const switches: Switches = { leak: { isOn: options.leak }, outage: { isOn: false } }
    const store = createDemoStore()
    const env = await openSurroundings(scope, engine, store, switches)
    server = await startWorker({
      ...{ adapter: host.adapter ?? node, broker: engine.broker, concurrency: options.concurrency, env },
      signals: host.signals,
      onStop: async () => {
        await scope[Symbol.asyncDispose]()
        host.onStop?.()
      },
    })
    const generator = startTraffic(server, run, options, host)
    scope.defer(() => generator.stop())
    const producer = createProducer(engine.broker)
    const http = createPlatformHttp({ producer, store, switches, dashboard: createDashboard(server) })
    listening.answerBy(http)
    starting.open(http)
    // What it asks is still there when it ends.
    scope.use(listening)
    return toPlatform(server, generator, switches, url)
  } catch (error) {
    // A server that has started takes the scope with it when it stops.
    await (server ? server.stop() : scope[Symbol.asyncDispose]())
    throw error
  }
}

function toPlatform(server: Server, generator: Generator, switches: Switches, url: string): Platform {
  return {
    server,
    url,
    switches,
    get fed() {
      return generator.fed
    },
    stop: async () => {
      await server.stop()
    },
  }
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
  { leak, outage }: Switches,
): Promise<IsolateEnv> {
  const token = crypto.randomUUID()
  const sink = scope.use(await startSmtpSink())
  const hooks = scope.use(await startHookSink(outage))
  const office = scope.use(await listen(createBackOffice({ tables, store, leak, token }), 0))
  return {
    DEMO_OFFICE_URL: `http://127.0.0.1:${office.port}`,
    DEMO_OFFICE_TOKEN: token,
    DEMO_SMTP_PORT: String(sink.port),
    DEMO_HOOKS_PORT: String(hooks.port),
  }
}

function readyIn({ worker }: Server): number {
  return worker.health().queueFigures?.queues.reduce((sum, { ready }) => sum + ready, 0) ?? 0
}
