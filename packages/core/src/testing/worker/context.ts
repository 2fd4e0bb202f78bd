import type { Broker, Delivery, JobSpec, JobStatus, QueueStats, Want } from '../../broker.ts'
import type { Executor } from '../../executor.ts'
import type { HookEvents, HookName } from '../../hooks.ts'
import type { WorkerOptions } from '../../worker/options.ts'
import { createWorker, type Worker } from '../../worker/worker.ts'
import { check, equal } from '../assert.ts'
import type { WorkerJobName } from '../worker-app.ts'
import { Observed, type Start } from './observed.ts'

/** How `workerCases` treats a worker. */
export interface WorkerCaseOptions {
  /** The lease of cases in which one ends or is extended, in ms. Default 1.5 s. */
  readonly leaseMs?: number
  /** How long something may take to happen before the case fails, in ms. Default 10 s. */
  readonly patienceMs?: number
}

/** What is under a worker. */
interface Parts {
  readonly broker: Broker
  readonly executor: Executor
}

/** Jobs at once, in the executors of this suite. */
export const SIZE = 4

/** A job to send: its name, data, and what else is not as usual. */
export type PartialJob = Partial<JobSpec> & { readonly name: WorkerJobName | 'no such job'; readonly data?: unknown }

/** A broker and an executor under a worker, with queues of their own and the few calls that every case makes. */
export class WorkerCaseContext {
  readonly broker: Broker
  readonly executor: Executor
  readonly settings: Required<WorkerCaseOptions>
  readonly observed: Observed
  readonly #prefix = `case-${crypto.randomUUID()}`
  readonly #workers: Worker[] = []

  constructor(broker: Broker, executor: Executor, settings: Required<WorkerCaseOptions>) {
    this.broker = broker
    this.executor = executor
    this.settings = settings
    this.observed = new Observed(settings.patienceMs)
  }

  /** A queue that no other case uses. Without a suffix: the case's main queue. */
  queue(suffix = 'main'): string {
    return `${this.#prefix}-${suffix}`
  }

  /** Sends jobs in one call and answers their ids. */
  async send(...jobs: readonly PartialJob[]): Promise<string[]> {
    const specs = jobs.map(
      ({ data = null, ...spec }): JobSpec => ({
        queue: this.queue(),
        priority: 'normal',
        delayMs: 0,
        text: JSON.stringify(data),
        ...spec,
      }),
    )
    const answers = await this.broker.send(specs)
    equal(answers.length, jobs.length, 'answers of send')
    return answers.map(({ id }) => id)
  }

  /** Sends one job and answers its id. */
  async sendOne(job: PartialJob): Promise<string> {
    return (await this.send(job))[0] as string
  }

  /** A worker that reads the main queue, on what a case puts in place of broker or executor. Not started. */
  create(options: Partial<WorkerOptions> = {}, parts: Partial<Parts> = {}): Worker {
    const { observed } = this
    const { broker, executor }: Parts = { ...this, ...parts }
    const queues = [this.queue()]
    const worker = createWorker(observed.broker(broker), observed.executor(executor), { queues, ...options })
    this.#workers.push(worker)
    return worker
  }

  /** As `create`, and starts it. */
  start(options?: Partial<WorkerOptions>, parts?: Partial<Parts>): Worker {
    const worker = this.create(options, parts)
    worker.start()
    return worker
  }

  /** Stops what a case has left running, at once. */
  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop({ grace: 0, abortGrace: 0 })))
  }

  // What happens.

  /** How often a job was started, in order. */
  startsOf(id: string): Start[] {
    return this.observed.starts.filter(({ delivery }) => delivery.job.id === id)
  }

  /** The attempts that a job was started with. */
  attemptsOf(id: string): number[] {
    return this.startsOf(id).map(({ delivery }) => delivery.job.attempt)
  }

  /** What each hook of a name was told. */
  hooksOf<Name extends HookName>(name: Name): HookEvents[Name][] {
    return this.observed.hooks.filter((hook) => hook.name === name).map(({ event }) => event as HookEvents[Name])
  }

  /** Resolves once handlers of so many jobs are at work. */
  atWork(count: number): Promise<void> {
    const atWork = (): number => this.observed.starts.filter((start) => start.progress && !start.outcome).length
    return this.observed.until(() => atWork() >= count, `${count} handlers are at work`)
  }

  /** Resolves once the broker has confirmed so many outcomes of a worker. */
  settled(worker: Worker, count: number): Promise<void> {
    const settled = (): number => Object.values(worker.health().counts).reduce((sum, more) => sum + more, 0)
    return this.observed.until(() => settled() >= count, `${count} outcomes are settled`)
  }

  // What the broker knows.

  /** Receives as another worker would. */
  receive(over: Partial<Want> = {}): Promise<readonly Delivery[]> {
    const max = over.max ?? 1
    return this.broker.receive({
      queues: [{ name: this.queue(), max }],
      max,
      leaseMs: 60_000,
      workerId: 'another worker',
      waitMs: this.settings.patienceMs,
      signal: new AbortController().signal,
      ...over,
    })
  }

  /** Figures of a queue. */
  async stats(queue: string = this.queue()): Promise<QueueStats> {
    const [stats] = await this.broker.stats([queue])
    check(stats !== undefined, `stats of ${queue} are told`)
    return stats
  }

  /** Where a job stands; undefined where the broker has forgotten it, as it may once it is done. */
  status(id: string): Promise<JobStatus | undefined> {
    return this.broker.get(id)
  }

  /** Checks that jobs are ready for anybody, as if they had never been handed out. */
  async checkUncharged(count: number): Promise<void> {
    const { ready, active } = await this.stats()
    equal({ ready, active }, { ready: count, active: 0 }, 'jobs that are back in the queue')
    const back: Delivery[] = []
    while (back.length < count) {
      const more = await this.receive({ max: Math.min(count - back.length, this.broker.can.maxBatch) })
      check(more.length > 0, `${count} jobs are ready, and ${back.length} were handed out`)
      back.push(...more)
    }
    for (const { job } of back) {
      equal(job.crashes, 0, `crashes of ${job.id}`)
      if (this.broker.can.release === 'free') equal(job.attempt, 1, `attempt of ${job.id}`)
    }
  }
}

/** One case of the suite, before it is bound to a broker and an executor. */
export type WorkerCaseSpec = (t: WorkerCaseContext) => Promise<void>

/** Cases of a topic, by what must hold. */
export type WorkerTopic = Readonly<Record<string, WorkerCaseSpec>>
