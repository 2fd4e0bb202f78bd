import type { Broker, Delivery, Lost, Outcome, Sender } from '../broker.ts'
import { toMs } from '../duration.ts'
import { IsobarError, ShutdownError } from '../errors.ts'
import type { Executor, Running } from '../executor.ts'
import type { HookEvents, HookName } from '../hooks.ts'
import { CrashedError, JobCanceledError, LeaseLostError } from '../lost-errors.ts'
import { toCheckedSender, toPossible } from './checked-sender.ts'
import { Counts } from './counts.ts'
import { type DesireOptions, desiredWorkers, toDesireReading } from './desired.ts'
import type { WorkerHealth, WorkerState } from './health.ts'
import { type Held, toHeld } from './held.ts'
import { Histogram } from './histogram.ts'
import { Intake } from './intake.ts'
import { latestOnly } from './latest-only.ts'
import { Heartbeat } from './lease.ts'
import {
  DEFAULT_ABORT_GRACE_MS,
  DEFAULT_STOP_GRACE_MS,
  type StopOptions,
  type StopReport,
  toWorkerSettings,
  type WorkerOptions,
  type WorkerSettings,
} from './options.ts'
import { QueueWatch } from './queue-watch.ts'
import { Receiver } from './receiver.ts'
import { MAX_UNSETTLED, Settler } from './settler.ts'
import { within } from './within.ts'

/** How long a stopping worker waits for a broker or an executor that does not answer, in ms. */
const STOP_PATIENCE_MS = 5_000

/** How long a job waits that its executor failed on, in ms. */
const EXECUTOR_RETRY_MS = 1_000

/**
 * Receives from a broker, runs through an executor, settles.
 *
 * It is *idle* until `start`, then *running*: it keeps the executor's slots full and a small buffer ready, settles in
 * batches and extends leases. `pause` makes it *paused*: it hands back what it has buffered and takes no more, while
 * what runs goes on; `resume` makes it running again. `stop` makes it *draining*: as paused, and it waits for what runs,
 * aborts it at the deadline and reports what is left; then it is *stopped*, for good. Every call can be made in every
 * state and twice: `start` and `resume` of a running worker, `pause` of a paused one and `stop` of a stopping one change
 * nothing, and a stopped worker refuses `start` and `resume`.
 */
export class Worker implements AsyncDisposable {
  readonly id: string
  readonly #broker: Broker
  readonly #sender: Pick<Sender, 'send'>
  readonly #executor: Executor
  readonly #settings: WorkerSettings
  /** In the order in which they came. */
  readonly #held = new Set<Held>()
  readonly #settler: Settler
  readonly #intake: Intake
  readonly #durations = new Histogram()
  readonly #counts = new Counts()
  readonly #receiver: Receiver
  #state: WorkerState = 'idle'
  #buffer: Held[] = []
  #running = 0
  #startedAt: number | undefined
  #heartbeat: Heartbeat | undefined
  #queueWatch: QueueWatch | undefined
  #onIdle: (() => void) | undefined
  #stopped: Promise<StopReport> | undefined
  #saidUnhealthy = false

  /** @throws {OptionError} */
  constructor(broker: Broker, executor: Executor, options: WorkerOptions) {
    this.#settings = toWorkerSettings(options)
    this.id = this.#settings.id
    this.#broker = broker
    this.#sender = toCheckedSender(broker)
    this.#executor = executor
    const { clock, queues } = this.#settings
    this.#intake = new Intake(broker, executor, queues)
    this.#settler = new Settler({
      broker,
      clock,
      onSettled: (held) => this.#settled(held),
      onError: (error) => this.#brokerError('settle', error),
    })
    this.#receiver = new Receiver({
      broker,
      clock,
      leaseMs: this.#settings.leaseMs,
      workerId: this.id,
      ask: () => (this.#settling < MAX_UNSETTLED ? this.#intake.next(this.#held, this.#buffer.length) : undefined),
      take: (deliveries) => this.#take(deliveries),
      onError: (error) => this.#brokerError('receive', error),
    })
    executor.onFree(() => this.#pump())
  }

  /** What it is up to. */
  get state(): WorkerState {
    return this.#state
  }

  /**
   * Starts it, or does nothing when it runs or is paused.
   * @throws {IsobarError} `WORKER_STOPPED` when it was stopped.
   */
  start(): void {
    this.#assertNotStopped('start')
    if (this.#state !== 'idle') return
    const { clock, leaseMs } = this.#settings
    this.#startedAt = clock.now()
    this.#heartbeat = new Heartbeat({
      broker: this.#broker,
      clock,
      leaseMs,
      held: () => [...this.#held].filter((held) => !held.lost),
      onLost: (lost) => this.#lose(lost),
      onError: (error) => this.#brokerError('extend', error),
    })
    this.#watchQueues()
    this.#run()
  }

  /** Takes no more jobs and hands back what is buffered; what runs goes on. Nothing happens unless it is running. */
  pause(): void {
    if (this.#state !== 'running') return
    this.#state = 'paused'
    this.#halt()
  }

  /**
   * Goes on after `pause`.
   * @throws {IsobarError} `WORKER_STOPPED` when it was stopped.
   */
  resume(): void {
    this.#assertNotStopped('resume')
    if (this.#state === 'paused') this.#run()
  }

  /**
   * Drains and stops, by a deadline. Later calls answer with the same promise.
   * @throws {OptionError} for a duration that cannot be; the worker then goes on.
   */
  stop({ grace = DEFAULT_STOP_GRACE_MS, abortGrace = DEFAULT_ABORT_GRACE_MS }: StopOptions = {}): Promise<StopReport> {
    this.#stopped ??= this.#drain(toMs(grace), toMs(abortGrace))
    return this.#stopped
  }

  /** Stops with the default deadline. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** How it is doing. */
  health(): WorkerHealth {
    const { clock, queues, memory } = this.#settings
    const executor = this.#executor.health()
    return {
      id: this.id,
      state: this.#state,
      healthy: executor.healthy && (this.#state === 'stopped' || this.#heartbeat?.healthy !== false),
      startedAt: this.#startedAt,
      uptimeMs: this.#startedAt === undefined ? 0 : clock.now() - this.#startedAt,
      queues: queues.map(({ name }) => name),
      buffered: this.#buffer.length,
      running: this.#running,
      settling: this.#settling,
      counts: this.#counts.all,
      duration: { mean: this.#durations.mean, p50: this.#durations.quantile(0.5), p99: this.#durations.quantile(0.99) },
      lastHeartbeatAt: this.#heartbeat?.lastAt,
      queueFigures: this.#queueWatch?.last,
      memory: memory?.read(),
      leaks: executor.pool?.leaks ?? memory?.leaks?.() ?? [],
      executor,
    }
  }

  /**
   * How many workers like this one its queues want, from what was last seen of them and how fast this one works: the
   * figure for an autoscaler. See `desiredWorkers`.
   */
  desired(options?: DesireOptions): number {
    return desiredWorkers(toDesireReading(this.health()), options)
  }

  #watchQueues(): void {
    const { clock, queues, statsMs } = this.#settings
    if (!statsMs || !this.#broker.can.stats) return
    this.#queueWatch = new QueueWatch({
      broker: this.#broker,
      queues: queues.map(({ name }) => name),
      clock,
      everyMs: statsMs,
      onError: (error) => this.#brokerError('stats', error),
    })
  }

  // Receiving.

  #run(): void {
    this.#state = 'running'
    this.#receiver.start()
  }

  /** Ends receiving and hands back what is buffered. */
  #halt(): void {
    this.#receiver.halt()
    const buffered = this.#buffer
    this.#buffer = []
    for (const held of buffered) this.#settle(held, { kind: 'release' })
  }

  #take(deliveries: readonly Delivery[]): void {
    const open = this.#state === 'running'
    const { clock, leaseMs } = this.#settings
    const leaseEnds = clock.monotonic() + leaseMs
    for (const delivery of deliveries) {
      const held = toHeld(delivery, leaseEnds)
      this.#held.add(held)
      if (open) this.#buffer.push(held)
      else this.#settle(held, { kind: 'release' })
    }
    this.#pump()
  }

  // Running.

  /** Starts what is buffered while there are slots, then lets the loop ask for more. */
  #pump(): void {
    while (this.#buffer.length > 0 && this.#executor.free() > 0) {
      // Taken out before it starts: a handler may pause or stop this worker in its first step.
      const next = this.#buffer.shift()
      if (next) this.#start(next)
    }
    this.#receiver.wake()
  }

  #start(held: Held): void {
    const { job } = held.delivery
    const { clock, maxCrashes } = this.#settings
    if (job.crashes >= maxCrashes)
      return this.#settle(held, { kind: 'dead', reason: 'crashed', error: new CrashedError(job, job.crashes) })
    const started = clock.monotonic()
    // Somebody else may have it by now, as after a handler that held the event loop for long.
    if (started >= held.leaseEnds) return this.#settle(held, { kind: 'release' })
    held.state = 'running'
    this.#running++
    const ended = (outcome: Outcome): void => {
      const ms = held.running?.durationMs ?? clock.monotonic() - started
      this.#durations.add(ms)
      this.#intake.add(ms)
      this.#running--
      // Unless a stop has given it up.
      if (held.state === 'running') this.#settle(held, outcome)
      this.#pump()
      if (this.#running === 0) this.#onIdle?.()
      this.#watchExecutor()
    }
    const failed = (error: unknown): void => ended({ kind: 'release', delayMs: EXECUTOR_RETRY_MS, error })
    this.#execute(held).then(ended, failed)
  }

  #execute(held: Held): Promise<Outcome> {
    try {
      held.running = this.#begin(held)
      return held.running.outcome
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #begin(held: Held): Running {
    const sender = this.#sender
    if (!this.#broker.can.progress) return this.#executor.start(held.delivery, { sender })
    return this.#executor.start(held.delivery, {
      sender,
      progress: (value) => {
        held.progress ??= latestOnly((latest) => this.#progress(held, latest))
        held.progress(value)
      },
    })
  }

  #watchExecutor(): void {
    if (this.#saidUnhealthy || this.#executor.healthy) return
    this.#saidUnhealthy = true
    try {
      this.#settings.onUnhealthy?.()
    } catch (error) {
      console.error(`isobar: onUnhealthy of worker ${this.id} failed`, error)
    }
  }

  async #progress(held: Held, value: unknown): Promise<void> {
    try {
      if (!held.lost) await this.#broker.progress(held.delivery, value)
    } catch (error) {
      this.#brokerError('progress', error)
    }
  }

  #lose(lost: readonly Lost[]): void {
    const reasons = new Map(lost.map(({ delivery, reason }) => [delivery, reason]))
    for (const held of this.#held) {
      const reason = reasons.get(held.delivery)
      // What is being reported may be settled already, and so known to the broker no more: the report will tell.
      if (!reason || held.lost || held.state === 'reporting') continue
      held.lost = true
      const { job } = held.delivery
      held.running?.abort(reason === 'canceled' ? new JobCanceledError(job) : new LeaseLostError(job))
      if (held.state === 'buffered') {
        this.#buffer = this.#buffer.filter((other) => other !== held)
        this.#settle(held, { kind: 'release' })
      }
    }
  }

  // Settling.

  get #settling(): number {
    return this.#held.size - this.#buffer.length - this.#running
  }

  #settle(held: Held, outcome: Outcome): void {
    held.state = 'settling'
    held.startedAt = held.running?.startedAt
    held.running = undefined
    held.outcome = toPossible(this.#broker, outcome)
    held.endedAt = this.#settings.clock.now()
    this.#settler.add(held)
  }

  #settled(held: Held): void {
    this.#held.delete(held)
    this.#receiver.reconsider(held.delivery.job.queue)
    this.#counts.add(held)
    const { outcome, lost } = held
    if (!lost && outcome?.kind === 'dead')
      this.#emit('dead', { job: held.delivery.job, error: outcome.error, reason: outcome.reason })
    this.#receiver.wake()
  }

  // Stopping.

  async #drain(graceMs: number, abortGraceMs: number): Promise<StopReport> {
    const { clock } = this.#settings
    const wasIdle = this.#state === 'idle'
    const running = this.#running
    this.#state = 'draining'
    this.#halt()
    // In a step of its own: a hook that stops the worker must find it stopping.
    await Promise.resolve()
    if (!wasIdle) this.#emit('drain', { workerId: this.id, running })
    await Promise.all([within(clock, STOP_PATIENCE_MS, this.#receiver.ended), within(clock, graceMs, this.#idle())])
    const late = [...this.#held].filter((held) => held.state === 'running')
    for (const { delivery, running } of late) running?.abort(new ShutdownError(delivery.job), abortGraceMs)
    await within(clock, abortGraceMs + STOP_PATIENCE_MS, this.#idle())
    for (const held of late) {
      if (held.state === 'running') this.#settle(held, { kind: 'release', error: new ShutdownError(held.delivery.job) })
    }
    await within(clock, STOP_PATIENCE_MS, this.#settler.flushed())
    const unsettled = this.#settler.stop()
    this.#heartbeat?.stop()
    this.#queueWatch?.stop()
    this.#state = 'stopped'
    if (!wasIdle) this.#emit('stop', { workerId: this.id })
    return { aborted: late.length, unsettled }
  }

  #idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onIdle = resolve
    })
  }

  #brokerError(action: HookEvents['brokerError']['action'], error: unknown): void {
    this.#emit('brokerError', { workerId: this.id, action, error })
  }

  #emit<Name extends HookName>(name: Name, event: HookEvents[Name]): void {
    try {
      this.#executor.emit(name, event)
    } catch (error) {
      console.error(`isobar: the executor of worker ${this.id} could not be told of "${name}"`, error)
    }
  }

  #assertNotStopped(action: string): void {
    if (this.#stopped)
      throw new IsobarError('WORKER_STOPPED', `worker ${this.id} was stopped and cannot ${action}; create another`)
  }
}

/**
 * A worker: receives from a broker, runs through an executor, settles.
 *
 * @example
 * const worker = createWorker(broker, inProcess(app, { concurrency: 20 }), { queues: ['email'] })
 * worker.start()
 *
 * @throws {OptionError}
 */
export function createWorker(broker: Broker, executor: Executor, options: WorkerOptions): Worker {
  return new Worker(broker, executor, options)
}
