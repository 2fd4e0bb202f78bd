import { hostname } from 'node:os'
import { pid } from 'node:process'
import type { Hook } from '@isobar/core'
import { type App, type Broker, type Duration, type HookName, OptionError, systemClock, toMs } from '@isobar/core'
import {
  createScheduler,
  createWorker,
  DEFAULT_STOP_GRACE_MS,
  type InProcessOptions,
  type StopReport,
  type Worker,
  type WorkerOptions,
} from '@isobar/core/worker'
import { tellBrokerErrors } from './broker-errors.ts'
import { cron } from './cron.ts'
import { endAll } from './end-all.ts'
import { type HealthAddress, serveHealth } from './health-server.ts'
import { openInProcess } from './open-in-process.ts'
import { type IsolateOptions, openIsolates } from './open-isolates.ts'
import type { Opened } from './opened.ts'
import { ownProcess } from './own-process.ts'
import type { HttpServer } from './platform/platform.ts'

/** Exit codes of a process that `serve` ends. A second signal ends it with 128 + the signal's number. */
export const EXIT: { readonly drained: 0; readonly unhealthy: 1 } = { drained: 0, unhealthy: 1 }

/** Observers, by the hook they listen to. */
export type Listeners = { readonly [Name in HookName]?: Hook<Name> }

/** Options that `serve` takes for an app in this process and for isolates alike. */
export interface ServerOptions extends Partial<Omit<WorkerOptions, 'onUnhealthy' | 'memory'>> {
  /** The server's from the call on: disposed when it stops, and when it cannot start. */
  readonly broker: Broker
  /** How long running jobs may go on after a signal. Default 30 s. */
  readonly grace?: Duration
  /**
   * Whether this process is the worker's: SIGTERM and SIGINT drain and end it, and so does an unhealthy executor; an
   * unhandled rejection is told and ends nothing. Default true. With false, `stop` is yours to call, and the process
   * yours to end.
   */
  readonly signals?: boolean
  /** Observers that belong to the whole, and not to a handler's process: alerts on dead letters, recycles, logs. */
  readonly on?: Listeners
  /**
   * Where it answers `/healthz` and `/readyz`: a port on all interfaces, or `{ port, hostname }`; port 0 is any that is
   * free. Default: nowhere.
   */
  readonly health?: HealthAddress
  /** Called when all has stopped; the process, where it is the worker's, ends after that. */
  readonly onStop?: (report: StopReport) => unknown
}

/** Options of `serve` for an app in this process. */
export interface ServeOptions<Env = unknown>
  extends ServerOptions,
    Pick<InProcessOptions<Env>, 'concurrency' | 'env'> {}

/** Options of `serve` for the app of a module, in isolates. */
export interface ServeIsolatesOptions extends ServerOptions {
  readonly isolates?: IsolateOptions
}

/** A worker at work. */
export interface Server extends AsyncDisposable {
  readonly worker: Worker
  /** The port on which its health is answered. */
  readonly healthPort: number | undefined
  /** Where its jobs wait. */
  readonly broker: Broker
  /** Adds an observer of the whole worker; the function returned takes it away. */
  addHook<Name extends HookName>(name: Name, hook: Hook<Name>): () => void
  /** Replaces all isolates, one after the other. Nothing happens where there are none. */
  recycle(): void
  /**
   * Drains by the deadline, then disposes the app's resources and the broker, each within 5 s. Twice is fine. Rejects
   * when one of them fails or does not end; the worker has stopped all the same.
   */
  stop(): Promise<StopReport>
}

/**
 * Runs the app of a module on Node, in isolates: processes that are replaced before their memory hurts. This process owns
 * broker, leases and schedules, and loads none of the app's code.
 *
 * On SIGTERM or SIGINT it takes no more jobs, lets those that run end until the deadline, aborts and hands back the rest,
 * and exits with 0; a second signal exits at once.
 *
 * @example
 * await serve(new URL('./app.ts', import.meta.url), { broker, isolates: { size: 2, jobs: 1000, memory: '256mb' } })
 *
 * @throws {OptionError | UnsupportedError}
 * @throws the error with which the module could not be loaded.
 */
export function serve(module: URL | string, options: ServeIsolatesOptions): Promise<Server>
/**
 * Runs an app on Node, in this process: a worker on a broker, with schedules, signals and a drain deadline. Signals end
 * it as with isolates. When half of the slots are taken by handlers that ignored their timeouts it drains and exits with
 * 1, for whoever restarts it.
 *
 * @example
 * await serve(app, { broker, concurrency: 20 })
 *
 * @throws {MissingProviderError} when a plugin needs a resource that nobody provides.
 * @throws {OptionError | UnsupportedError}
 */
export function serve<Env = unknown>(
  app: App<Env>,
  options: ServeOptions<Env> & (unknown extends Env ? unknown : { readonly env: Env }),
): Promise<Server>
export async function serve<Env>(
  target: App<Env> | URL | string,
  options: ServeOptions<Env> & ServeIsolatesOptions,
): Promise<Server> {
  if (!options?.broker) throw new OptionError('serve needs a broker: serve(app, { broker })')
  const { broker, health } = options
  let opened: Opened | undefined
  let http: HttpServer | undefined
  let server: Server | undefined
  try {
    // First, so that it can be seen to be starting.
    if (health !== undefined) http = await serveHealth(health, () => server?.worker.health())
    await broker.ready?.()
    opened = await open(target, options)
    server = start(opened, options, http)
    return server
  } catch (error) {
    opened?.stop?.()
    const parts = { ...(opened && { resources: opened.executor }), broker, ...(http && { 'health server': http }) }
    // What the start failed on is what there is to tell.
    await endAll(parts, systemClock).catch(() => {})
    throw error
  }
}

function open<Env>(
  target: App<Env> | URL | string,
  options: ServeOptions<Env> & ServeIsolatesOptions,
): Opened | Promise<Opened> {
  if (typeof target === 'string' || target instanceof URL) return openIsolates(target, options)
  if (options.isolates)
    throw new OptionError('isolates load the app themselves: serve(new URL("./app.ts", import.meta.url), { isolates })')
  return openInProcess(target, options)
}

function start(opened: Opened, options: ServerOptions, http: HttpServer | undefined): Server {
  const {
    broker,
    grace = DEFAULT_STOP_GRACE_MS,
    signals = true,
    onStop,
    queues = opened.queues,
    id = createWorkerId(),
    clock = systemClock,
    statsEvery = opened.statsEvery,
    on = {},
    ...rest
  } = options
  const graceMs = toMs(grace)
  const { executor, addHook, memory } = opened
  let exitCode: number | undefined
  const worker = createWorker(broker, executor, {
    ...rest,
    queues,
    id,
    clock,
    memory,
    ...(statsEvery !== undefined && { statsEvery }),
    onUnhealthy() {
      // At the deadline of a stop slots are held by what was aborted: that is not why it stops.
      if (stopped) return
      console.error(`isobar: ${opened.unhealthy} of worker ${id}; draining, so that it can be restarted`)
      exitCode = EXIT.unhealthy
      stopUnawaited()
    },
  })
  const scheduler = createScheduler(broker, opened.schedules, {
    cron,
    clock,
    onError: (error) => executor.emit('brokerError', { workerId: id, action: 'schedule', error }),
  })
  const process = signals
    ? ownProcess(() => {
        exitCode ??= EXIT.drained
        stopUnawaited()
      })
    : undefined
  const unhook = [
    addHook(
      'brokerError',
      tellBrokerErrors(() => clock.monotonic()),
    ),
    ...opened.listen(on),
  ]
  const drain = async (): Promise<StopReport> => {
    scheduler.stop()
    opened.stop?.()
    try {
      const report = await worker.stop({ grace: graceMs })
      await endAll({ resources: executor, broker, ...(http && { 'health server': http }) }, clock)
      await onStop?.(report)
      return report
    } catch (error) {
      console.error(`isobar: worker ${id} could not stop cleanly`, error)
      if (exitCode !== undefined) exitCode = EXIT.unhealthy
      throw error
    } finally {
      for (const remove of unhook) remove()
      process?.release()
      if (process && exitCode !== undefined) process.exit(exitCode)
    }
  }
  let stopped: Promise<StopReport> | undefined
  const server: Server = {
    worker,
    healthPort: http?.port,
    broker,
    addHook: (name, hook) => addHook(name, hook),
    recycle: () => opened.recycle?.(),
    stop() {
      stopped ??= drain()
      return stopped
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
    },
  }
  // What fails is told where it happens.
  const stopUnawaited = (): void => void server.stop().catch(() => {})
  worker.start()
  opened.begin?.(worker)
  return server
}

/** Host, process and a random part: unique, and tells where to look. */
function createWorkerId(): string {
  return `${hostName()}-${pid}-${crypto.randomUUID().slice(0, 8)}`
}

/** Deno tells it by permission only. */
function hostName(): string {
  try {
    return hostname()
  } catch {
    return 'host'
  }
}
