import { AsyncLocalStorage } from 'node:async_hooks'
import type { AbortReason, App, Delivery, Enqueued, JobRun, JobSpec, Outcome, RunOptions } from '@isobar/core'
import type { IsolateMemory } from './isolate-memory.ts'
import type { LineWriter } from './line-writer.ts'
import { SAY } from './lines.ts'
import { toWireOutcome } from './wire-outcome.ts'

/** A job in this isolate. */
export interface OwnJob {
  /** Its number in this isolate. */
  readonly n: number
  readonly delivery: Delivery
  run: JobRun | undefined
  /** The last of its progress that was not told yet. */
  progress: { readonly value: unknown } | undefined
}

/** What jobs run with. */
export interface IsolateJobsOptions {
  readonly app: App
  readonly env: unknown
  readonly concurrency: number
  readonly out: LineWriter
  readonly memory: IsolateMemory
  /** Sends jobs at once, by way of the supervisor. */
  readonly send: (specs: readonly JobSpec[]) => Promise<readonly Enqueued[]>
}

/**
 * The jobs of an isolate: they *wait* for a slot, in the order in which they came, then *run*, until their outcome is
 * told. A job that was given up keeps its slot. Before a handler starts, every outcome so far and the number of the job
 * that starts are written, in one call: from then on the supervisor knows whose handlers ran, whatever they do.
 */
export class IsolateJobs {
  readonly #options: IsolateJobsOptions
  readonly #current = new AsyncLocalStorage<OwnJob>()
  readonly #runOptions: RunOptions
  readonly #running = new Map<number, OwnJob>()
  #waiting: OwnJob[] = []
  #taken = 0

  constructor(options: IsolateJobsOptions) {
    this.#options = options
    const { env, send } = options
    this.#runOptions = { env, sender: { send } }
  }

  /** The job whose code is running now, by asynchronous context; undefined outside of all. */
  get current(): OwnJob | undefined {
    return this.#current.getStore()
  }

  /** Takes deliveries. */
  add(jobs: readonly OwnJob[]): void {
    this.#waiting = this.#waiting.length > 0 ? [...this.#waiting, ...jobs] : [...jobs]
    this.#pump()
  }

  /** Aborts a job; one that has not started is handed back. */
  abort(n: number, reason: AbortReason, graceMs: number | undefined): void {
    this.#running.get(n)?.run?.abort(reason, graceMs)
    if (!this.#waiting.some((job) => job.n === n)) return
    this.#waiting = this.#waiting.filter((job) => job.n !== n)
    this.#options.out.say(SAY.unstarted, n)
  }

  /** Hands back what has not started. */
  recall(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { n } of waiting) this.#options.out.hold(SAY.unstarted, n)
    this.#options.out.commit()
  }

  #pump(): void {
    // Not by shifting: a batch is walked through, and cut off once.
    let at = 0
    for (; this.#taken < this.#options.concurrency; at++) {
      const job = this.#waiting[at]
      if (!job) break
      this.#start(job)
    }
    if (at > 0) this.#waiting = this.#waiting.slice(at)
    this.#options.out.commit()
  }

  #start(job: OwnJob): void {
    const { app, out } = this.#options
    this.#taken++
    this.#running.set(job.n, job)
    out.say(SAY.start, job.n, Date.now())
    const started = performance.now()
    const run = this.#current.run(job, () => app.start(job.delivery, this.#optionsOf(job)))
    job.run = run
    void run.outcome.then((outcome) => this.#settled(job, run, outcome, performance.now() - started))
  }

  #optionsOf(job: OwnJob): RunOptions {
    return {
      ...this.#runOptions,
      progress: (value) => {
        if (!job.progress) setImmediate(() => this.#tellProgress(job))
        job.progress = { value }
      },
    }
  }

  /** The latest of what a job has said since the last turn of the loop. */
  #tellProgress(job: OwnJob): void {
    const { progress } = job
    job.progress = undefined
    if (!progress || !this.#running.has(job.n)) return
    try {
      this.#options.out.say(SAY.progress, job.n, JSON.stringify(progress.value) ?? 'null')
    } catch {
      // Not JSON, which no broker could keep.
    }
  }

  #settled(job: OwnJob, run: JobRun, outcome: Outcome, ms: number): void {
    const { out, memory } = this.#options
    if (job.progress) this.#tellProgress(job)
    this.#running.delete(job.n)
    if (outcome.kind === 'ack' && outcome.result === undefined && !outcome.enqueue)
      out.hold(SAY.done, job.n, Math.round(ms * 1_000) / 1_000)
    else out.hold(SAY.outcome, job.n, toWireOutcome(outcome, ms))
    if (run.abandoned) {
      out.hold(SAY.abandoned, job.n)
      void run.ended().then(() => this.#free())
    } else this.#taken--
    memory.ended(job.delivery.job.name)
    this.#pump()
  }

  #free(): void {
    this.#taken--
    this.#pump()
  }
}
