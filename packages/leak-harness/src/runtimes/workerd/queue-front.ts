import { readFile } from 'node:fs/promises'
import { HarnessError } from '../../errors.ts'
import type { ModuleSettings, Outcomes } from '../../replay/contract.ts'
import { Tally } from '../../replay/tally.ts'
import type { StartOptions, WorkerUnderTest } from '../driver.ts'
import type { BatchOutcome } from './batch-outcome.ts'
import { type Bundle, bundleWorker } from './bundle.ts'
import { BLOCKED_NOTE, withOutbound } from './outbound.ts'
import { parseQueueTrace, type QueueTrace } from './queue-trace.ts'
import type { Front } from './replay-process.ts'
import { Requests } from './requests.ts'
import type { DispatchCommand, DispatchedMessage } from './worker/commands.ts'
import { loadWorkerProject, type WorkerProject } from './worker-project.ts'
import { applyMigrations, copyLocalState } from './worker-state.ts'
import { WorkerdProcess } from './workerd-process.ts'
import type { QueueConsumer, Wrangler } from './wrangler.ts'

/** Messages of a batch where the consumer says nothing. */
const DEFAULT_BATCH = 10

/** No further batch is begun in a request after so many ms, so that progress is heard of. */
const MAX_REQUEST_MS = 200

/** Name of the harness' own Worker, which hands the batches over. */
const DISPATCHER = 'leak-harness'

/** What a message that was given back failed with. */
const RETRIED = new Error('the handler gave the message back (retry)')

/** Projects that are loaded: both processes of a run take the same. */
const projects = new WeakMap<WorkerUnderTest, Promise<WorkerProject>>()

/** A Cloudflare Worker as it stands, whose `queue` handler gets the messages of a trace. */
export class QueueFront implements Front {
  readonly settings: ModuleSettings
  /** The rest is of the whole process, which the services behind the bindings share: that of KV alone takes KBs a job. */
  readonly reads: Front['reads'] = ['heap', 'external']
  readonly bundle: Bundle
  readonly scriptName: string
  readonly notes: readonly string[]
  readonly #workerd: WorkerdProcess
  readonly #commands: Requests
  readonly #queue: string
  readonly #batch: number
  readonly #trace: QueueTrace
  readonly #tally: Tally
  #next = 0

  private constructor(
    workerd: WorkerdProcess,
    commands: Requests,
    { bundle, scriptName }: WorkerProject,
    { queue, batch, trace }: QueuePlan,
    { mode, outbound }: StartOptions,
  ) {
    this.#workerd = workerd
    this.#commands = commands
    this.bundle = bundle
    this.scriptName = scriptName
    this.#queue = queue
    this.#batch = batch
    this.#trace = trace
    this.#tally = new Tally(mode === 'jit')
    this.notes = outbound === 'allow' ? [] : [BLOCKED_NOTE]
    this.settings = {
      kind: 'handler',
      lifetime: { jobs: undefined, ms: undefined },
      expectFailures: false,
      budget: {},
      ...{ jobs: undefined, warmup: undefined, concurrency: undefined },
      traceLines: trace.length,
      varies: false,
    }
  }

  /**
   * Bundles the Worker and starts it in a workerd.
   * @throws {HarnessError} `HARNESS_NO_JOBS` without a trace, `HARNESS_USAGE` for a queue that the Worker does not consume.
   */
  static async start(
    options: StartOptions,
    worker: WorkerUnderTest,
  ): Promise<{ workerd: WorkerdProcess; front: QueueFront; wrangler: Wrangler }> {
    const trace = await readTrace(options.trace)
    const project = await loadOnce(worker, options.signal)
    const { wrangler, config, name } = project
    const plan: QueuePlan = { ...chooseQueue(worker, config.queues.consumers ?? []), trace }
    let isCopied = false
    const [subject, ...others] = withOutbound(project.workers, options.outbound)
    const workerd = await WorkerdProcess.start({
      ...options,
      library: wrangler.miniflare,
      workers: [
        { ...subject, bindings: { ...(subject['bindings'] as object | undefined), ...options.env } },
        await dispatcherOf(name, wrangler),
        ...others,
      ],
      fillState: async (folder) => {
        isCopied = await copyLocalState(worker.config, folder)
      },
    })
    try {
      if (!isCopied) await workerd.during('load', () => applyMigrations(workerd.miniflare, project, worker.config))
      const commands = workerd.owns(new Requests(await workerd.miniflare.unsafeGetDirectURL(DISPATCHER)))
      return { workerd, front: new QueueFront(workerd, commands, project, plan, options), wrangler }
    } catch (error) {
      await workerd[Symbol.asyncDispose]()
      throw error
    }
  }

  async batch(size: number, { jobs, concurrency }: { jobs: number; concurrency: number }): Promise<number> {
    const wanted = Math.min(jobs, Math.max(size, this.#batch * concurrency))
    const batches: DispatchedMessage[][] = []
    for (let at = 0; at < wanted; at += this.#batch) {
      const size = Math.min(this.#batch, wanted - at)
      batches.push(Array.from({ length: size }, (_, n) => this.#message(this.#next + at + n)))
    }
    const queue = this.#queue
    const outcomes = await this.#ask<readonly BatchOutcome[]>({
      ...{ do: 'dispatch', queue, batches, concurrency },
      maxMs: MAX_REQUEST_MS,
    })
    const ended = batches.slice(0, outcomes.length).flat()
    for (const { body } of ended) this.#tally.data(body)
    for (const outcome of outcomes) await this.#count(outcome)
    this.#next += ended.length
    return ended.length
  }

  turn(): Promise<unknown> {
    return this.#ask({ do: 'turn' })
  }

  outcomes(): Promise<Outcomes> {
    return Promise.resolve(this.#tally.outcomes())
  }

  end(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  #message(i: number): DispatchedMessage {
    return { id: `${i}`, ...this.#trace.message(i) }
  }

  async #count({ done, retried, thrown }: BatchOutcome): Promise<void> {
    for (let n = 0; n < done; n++) this.#tally.done(this.#queue)
    for (let n = 0; n < retried; n++) this.#tally.failed(this.#queue, RETRIED)
    if (thrown === 0) return
    const isFirst = this.#tally.outcomes().firstError === undefined
    const said = isFirst ? (await this.#workerd.isolate.errors()).at(-1) : undefined
    const [, name = 'Error', message = said ?? 'the handler threw'] = /^(\w+): (.*)$/s.exec(said ?? '') ?? []
    const error = Object.assign(new Error(message), { name })
    for (let n = 0; n < thrown; n++) this.#tally.failed(this.#queue, error)
  }

  async #ask<Answer>(command: DispatchCommand): Promise<Answer> {
    const { status, text } = await this.#commands.post(JSON.stringify(command))
    if (status === 200) return JSON.parse(text) as Answer
    throw new HarnessError('HARNESS_EXITED', `the Worker could not be given a batch: ${this.#workerd.output || text}`)
  }
}

interface QueuePlan {
  readonly queue: string
  readonly batch: number
  readonly trace: QueueTrace
}

function loadOnce(worker: WorkerUnderTest, signal: AbortSignal): Promise<WorkerProject> {
  const known = projects.get(worker)
  if (known) return known
  const loaded = loadWorkerProject(worker.config, signal)
  projects.set(worker, loaded)
  loaded.catch(() => projects.delete(worker))
  return loaded
}

/** @throws {HarnessError} `HARNESS_USAGE` naming the queues that there are. */
function chooseQueue(
  { config, queue, batch }: WorkerUnderTest,
  consumers: readonly QueueConsumer[],
): Pick<QueuePlan, 'queue' | 'batch'> {
  const names = consumers.map((consumer) => consumer.queue)
  if (names.length === 0)
    throw new HarnessError('HARNESS_USAGE', `the Worker of ${config} consumes no queue ("queues.consumers" is empty)`)
  const consumer = queue === undefined ? consumers[0] : consumers.find((one) => one.queue === queue)
  if (!consumer || (queue === undefined && names.length > 1)) {
    const problem = consumer ? 'consumes several queues' : `consumes no queue "${queue}"`
    throw new HarnessError(
      'HARNESS_USAGE',
      `the Worker of ${config} ${problem}; give --queue, one of ${names.join(', ')}`,
    )
  }
  return { queue: consumer.queue, batch: batch ?? consumer.max_batch_size ?? DEFAULT_BATCH }
}

/** The Worker that hands batches to the one of that name. */
async function dispatcherOf(
  name: string,
  { esbuild }: Wrangler,
): Promise<Parameters<typeof WorkerdProcess.start>[0]['workers'][0]> {
  return {
    name: DISPATCHER,
    compatibilityDate: '2026-11-01',
    compatibilityFlags: ['service_binding_extra_handlers'],
    cacheAPI: false,
    serviceBindings: { SUBJECT: name },
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    modules: [{ type: 'ESModule', path: 'leak-harness.js', contents: await bundleWorker(esbuild, 'dispatcher') }],
  }
}

async function readTrace(file: string | undefined): Promise<QueueTrace> {
  if (file === undefined)
    throw new HarnessError(
      'HARNESS_NO_JOBS',
      'nothing says which messages to replay; give --trace with one { "body", "contentType"?, "attempts"? } a line',
    )
  try {
    return parseQueueTrace(await readFile(file, 'utf8'), file)
  } catch (cause) {
    if (cause instanceof HarnessError) throw cause
    throw new HarnessError('HARNESS_TRACE', `cannot read the trace ${file}; give the path of a JSONL file`, { cause })
  }
}
