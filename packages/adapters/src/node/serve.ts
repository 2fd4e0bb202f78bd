import { hostname } from 'node:os'
import { pid } from 'node:process'
import { type App, type Broker, type Duration, OptionError, systemClock, toMs } from '@isobar/core'
import {
  createScheduler,
  createWorker,
  DEFAULT_STOP_GRACE_MS,
  InProcessExecutor,
  type InProcessOptions,
  type StopReport,
  type Worker,
  type WorkerOptions,
} from '@isobar/core/worker'
import { tellBrokerErrors } from './broker-errors.ts'
import { cron } from './cron.ts'
import { endAll } from './end-all.ts'
import { ownProcess } from './own-process.ts'

/** Exit codes of a process that `serve` ends. A second signal ends it with 128 + the signal's number. */
export const EXIT: { readonly drained: 0; readonly unhealthy: 1 } = { drained: 0, unhealthy: 1 }

/** Options of `serve`. */
export interface ServeOptions<Env = unknown>
  extends Partial<Omit<WorkerOptions, 'onUnhealthy'>>,
    Pick<InProcessOptions<Env>, 'concurrency' | 'env'> {
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
  /** Called when all has stopped; the process, where it is the worker's, ends after that. */
  readonly onStop?: (report: StopReport) => unknown
}

/** A worker at work. */
export interface Server extends AsyncDisposable {
  readonly worker: Worker
  /**
   * Drains by the deadline, then disposes the app's resources and the broker, each within 5 s. Twice is fine. Rejects
   * when one of them fails or does not end; the worker has stopped all the same.
   */
  stop(): Promise<StopReport>
}

/**
 * Runs an app on Node, in this process: a worker on a broker, with schedules, signals and a drain deadline. On SIGTERM
 * or SIGINT it takes no more jobs, lets those that run end until the deadline, aborts and hands back the rest, and exits
 * with 0; a second signal exits at once. When half of the slots are taken by handlers that ignored their timeouts it
 * drains and exits with 1, for whoever restarts it.
 *
 * @example
 * await serve(app, { broker, concurrency: 20 })
 *
 * @throws {MissingProviderError} when a plugin needs a resource that nobody provides.
 * @throws {OptionError | UnsupportedError}
 */
export async function serve<Env = unknown>(
  app: App<Env>,
  options: ServeOptions<Env> & (unknown extends Env ? unknown : { readonly env: Env }),
): Promise<Server> {
  if (!options?.broker) throw new OptionError('serve needs a broker: serve(app, { broker })')
  try {
    await options.broker.ready?.()
    return start(app, options)
  } catch (error) {
    // What the start failed on is what there is to tell.
    await endAll({ broker: options.broker }, systemClock).catch(() => {})
    throw error
  }
}

function start<Env>(app: App<Env>, options: ServeOptions<Env>): Server {
  const {
    broker,
    grace = DEFAULT_STOP_GRACE_MS,
    signals = true,
    onStop,
    concurrency,
    env,
    queues = app.queues,
    id = createWorkerId(),
    clock = systemClock,
    ...rest
  } = options
  const graceMs = toMs(grace)
  const executor = new InProcessExecutor<Env>(app, {
    ...(env !== undefined && { env }),
    ...(concurrency !== undefined && { concurrency }),
  })
  let exitCode: number | undefined
  const worker = createWorker(broker, executor, {
    ...rest,
    queues,
    id,
    clock,
    onUnhealthy() {
      // At the deadline of a stop slots are held by what was aborted: that is not why it stops.
      if (stopped) return
      console.error(
        `isobar: half of the slots of worker ${id} are held by handlers that ignored their timeouts; draining, so that it can be restarted`,
      )
      exitCode = EXIT.unhealthy
      stopUnawaited()
    },
  })
  const scheduler = createScheduler(broker, app.schedules, {
    cron,
    clock,
    onError: (error) => app.emit('brokerError', { workerId: id, action: 'schedule', error }),
  })
  const process = signals
    ? ownProcess(() => {
        exitCode ??= EXIT.drained
        stopUnawaited()
      })
    : undefined
  const untell = app.addHook(
    'brokerError',
    tellBrokerErrors(() => clock.monotonic()),
  )
  const drain = async (): Promise<StopReport> => {
    scheduler.stop()
    try {
      const report = await worker.stop({ grace: graceMs })
      await endAll({ resources: executor, broker }, clock)
      await onStop?.(report)
      return report
    } catch (error) {
      console.error(`isobar: worker ${id} could not stop cleanly`, error)
      if (exitCode !== undefined) exitCode = EXIT.unhealthy
      throw error
    } finally {
      untell()
      process?.release()
      if (process && exitCode !== undefined) process.exit(exitCode)
    }
  }
  let stopped: Promise<StopReport> | undefined
  const server: Server = {
    worker,
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
  return server
}

/** Host, process and a random part: unique, and tells where to look. */
function createWorkerId(): string {
  return `${hostname()}-${pid}-${crypto.randomUUID().slice(0, 8)}`
}
