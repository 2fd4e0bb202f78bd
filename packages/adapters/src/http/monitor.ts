import { type Clock, type DeadReason, type HookEvents, systemClock, type Timer } from '@isobar/core'
import type { WorkerHealth } from '@isobar/core/worker'
import type { LivePoint } from './contract.ts'
import { PointFitter } from './fit-point.ts'
import { JobTable } from './job-table.ts'
import { LOOP_CHECK_MS, LoopDelay } from './loop-delay.ts'
import { toSamples } from './metrics/samples.ts'
import { toText } from './metrics/text.ts'
import type { MonitoredServer } from './monitored-server.ts'
import { toPoint } from './point.ts'
import { PointRing } from './point-ring.ts'
import { RecycleTable } from './recycle-table.ts'
import { SecondDurations } from './second-durations.ts'

/** Between two points, in ms. */
const SECOND_MS = 1_000

/** Recycles of one second that its point tells of. */
const MAX_POINT_RECYCLES = 16

/** Options of `createMonitor`. */
export interface MonitorOptions {
  /** Default: the runtime's. */
  readonly clock?: Clock
}

/** Hears of each point as JSON, and when there are no more. */
export interface PointListener {
  point(text: string): void
  end(): void
}

/** Watches one worker: counts what its jobs do, and keeps the last 15 minutes in points of a second. */
export class Monitor implements AsyncDisposable {
  /** What it watches. */
  readonly server: MonitoredServer
  readonly #clock: Clock
  readonly #jobs = new JobTable()
  readonly #durations = new SecondDurations()
  readonly #delay = new LoopDelay()
  readonly #recycles = new RecycleTable()
  readonly #brokerErrors = new Map<HookEvents['brokerError']['action'], number>()
  readonly #ring = new PointRing()
  readonly #fitter = new PointFitter()
  readonly #listeners = new Set<PointListener>()
  readonly #unhook: readonly (() => void)[]
  #pointRecycles: [slot: number | null, cause: string, message: string][] = []
  #before: WorkerHealth['counts']
  #timer: Timer
  #dueAt = 0
  #pointAt: number
  #disposed = false

  constructor(server: MonitoredServer, { clock = systemClock }: MonitorOptions = {}) {
    this.server = server
    this.#clock = clock
    const { id, counts } = server.worker.health()
    this.#before = counts
    this.#unhook = [
      server.addHook('settle', ({ job, outcome, durationMs }) => {
        this.#jobs.of(job.queue, job.name).add(outcome.kind, durationMs / 1_000)
        this.#durations.add(durationMs)
      }),
      server.addHook('dead', ({ job, reason }) => this.#dead(job.queue, job.name, reason)),
      server.addHook('recycle', (event) => this.#recycle(event)),
      server.addHook('brokerError', ({ action }) => {
        this.#brokerErrors.set(action, (this.#brokerErrors.get(action) ?? 0) + 1)
      }),
      server.addHook('stop', ({ workerId }) => {
        if (workerId === id) this.dispose()
      }),
    ]
    this.#pointAt = clock.monotonic() + SECOND_MS
    this.#wait()
  }

  /** How the worker is doing. */
  health(): WorkerHealth {
    return this.server.worker.health()
  }

  /** The points of the last 15 minutes, oldest first. */
  points(): readonly LivePoint[] {
    return this.#ring.all().map((text) => JSON.parse(text))
  }

  /** The same, each as JSON. */
  pointTexts(): readonly string[] {
    return this.#ring.all()
  }

  /** The metrics in Prometheus' text format, version 0.0.4. */
  metrics(): string {
    const health = this.health()
    return toText(
      toSamples({
        health,
        desired: health.queueFigures && this.server.worker.desired(),
        jobs: this.#jobs,
        recycles: this.#recycles,
        brokerErrors: this.#brokerErrors,
        loopDelayMs: this.#delay.largest,
      }),
    )
  }

  /** Tells of each point from now on; the function returned ends that. One that comes too late is told at once. */
  listen(listener: PointListener): () => void {
    if (this.#disposed) listener.end()
    else this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Watches no more, and ends what listens. What was counted can still be read. It comes by itself when the worker has stopped. */
  dispose(): void {
    if (this.#disposed) return
    this.#take()
    this.#disposed = true
    this.#clock.clearTimeout(this.#timer)
    for (const remove of this.#unhook) remove()
    for (const listener of this.#listeners) listener.end()
    this.#listeners.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose()
  }

  #wait(): void {
    const now = this.#clock.monotonic()
    this.#dueAt = Math.min(now + LOOP_CHECK_MS, Math.max(now, this.#pointAt))
    this.#timer = this.#clock.setTimeout(() => this.#tick(), this.#dueAt - now)
  }

  #tick(): void {
    const now = this.#clock.monotonic()
    this.#delay.add(now - this.#dueAt)
    if (now >= this.#pointAt) {
      this.#take()
      // Seconds in which nothing turned are no points.
      this.#pointAt = Math.max(this.#pointAt, now - SECOND_MS) + SECOND_MS
    }
    this.#wait()
  }

  #take(): void {
    const health = this.health()
    const point = toPoint(health, {
      at: this.#clock.now(),
      before: this.#before,
      ...this.#durations.take(),
      loopDelay: this.#delay.take(),
      recycles: this.#pointRecycles,
    })
    this.#before = health.counts
    this.#pointRecycles = []
    const text = this.#fitter.fit(point)
    this.#ring.add(text)
    for (const listener of this.#listeners) listener.point(text)
  }

  #dead(queue: string, name: string, reason: DeadReason): void {
    this.#jobs.of(queue, name).addDead(reason)
  }

  #recycle({ cause, message, slot }: HookEvents['recycle']): void {
    this.#recycles.add(slot, cause)
    if (this.#pointRecycles.length < MAX_POINT_RECYCLES) this.#pointRecycles.push([slot ?? null, cause, message])
  }
}

/**
 * Watches what `serve` answered, on any runtime, for `createHttp`. A few hundred bytes a job type, and what 900 points
 * take (at most 3.6 MB); it ends with the worker.
 *
 * @example
 * const http = createHttp(createMonitor(await serve(app, { broker })))
 */
export function createMonitor(server: MonitoredServer, options?: MonitorOptions): Monitor {
  return new Monitor(server, options)
}
