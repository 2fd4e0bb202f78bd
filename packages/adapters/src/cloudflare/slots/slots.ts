import { RpcTarget } from 'cloudflare:workers'
import type { ExecutionContext, WorkerLoader, WorkerLoaderWorkerCode } from '@cloudflare/workers-types'
import {
  type AbortReason,
  type Delivery,
  type ExecuteOptions,
  IsobarError,
  OptionError,
  type Outcome,
} from '@isobar/core'
import { serializeError } from '@isobar/core/codec'
import type { BindingOf } from '../bindings.ts'
import type { Invocation, InvocationExecutor, OpenExecutor, Started } from '../executor.ts'
import { toBindingEnv } from './binding-kinds.ts'
import { toCrashOutcome } from './crash-outcome.ts'
import { fromWireOutcome, type JobHost, type SlotAnswer, type SlotStub } from './wire.ts'

/** Slots of an invocation by default, and at most: the platform has four dynamic Workers at once in a request. */
export const MAX_SLOTS = 4

/** Jobs of a slot by default. */
export const DEFAULT_SLOT_JOBS = 1_000

/** Times that a job may take down a slot in which it runs alone, by default. */
export const DEFAULT_ALONE_CRASHES = 2

/** How long a job waits that all slots have refused, in ms: they are about to be replaced. */
const REFUSED_WAIT_MS = 2

/** How often a job may be refused: a slot that does not go away after that keeps jobs that never end. */
const MAX_REFUSALS = 500

/** How much later than its grace an aborted job is given up whose slot says nothing, in ms. */
const ABORT_MARGIN_MS = 1_000

/** How long a job waits whose slots cannot start, in ms. */
const BROKEN_DELAY_MS = 30_000

/** Options of `slots`. */
export interface SlotOptions<Env> {
  /** The binding of the Worker Loader. */
  readonly loader: BindingOf<Env, WorkerLoader>
  /** The slot's module, bundled: see `bundleSlot` in `@isobar/adapters/cloudflare/build`. */
  readonly code: string
  /** Isolates that serve at once in an invocation. Default, and at most, 4. */
  readonly size?: number
  /** Jobs after which a slot's isolate is replaced; 1 is a fresh isolate for each job. Default 1,000. */
  readonly jobs?: number
  /** Bindings that handlers get: D1, R2, queues by proxy, anything else as it is. Default: none. */
  readonly bindings?: readonly (keyof Env & string)[]
  /** Whether handlers reach the network. Default: only by what they are given. */
  readonly network?: boolean
  /** Times that a job may take down a slot in which it runs alone. Default 2. */
  readonly maxCrashes?: number
  /** CPU time and subrequests of one job. Default: the platform's. */
  readonly limits?: WorkerLoaderWorkerCode['limits']
  readonly compatibilityDate: string
  readonly compatibilityFlags?: readonly string[]
}

/**
 * Runs handlers in dynamic isolates, a few for each invocation, which are replaced after a number of jobs: what they leak
 * goes with them, and one that dies takes only its own jobs with it. Those that were in it are suspects: they go back
 * uncharged, and each runs again alone. Only a crash while alone is charged.
 *
 * The main module must export `IsobarBindings` of this entry, through which bindings reach a slot.
 *
 * @example
 * export { IsobarBindings } from '@isobar/adapters/cloudflare/slots'
 * export default toWorker<Env>(app, { deadLetter: 'DLQ', executor: slots<Env>({ loader: 'LOADER', code, compatibilityDate }) })
 *
 * @throws {OptionError}
 */
export function slots<Env>(options: SlotOptions<Env>): OpenExecutor<Env> {
  const { size = MAX_SLOTS, jobs = DEFAULT_SLOT_JOBS } = options
  if (!Number.isInteger(size) || size < 1 || size > MAX_SLOTS)
    throw new OptionError(`size is ${size} slots and must be a whole number from 1 to ${MAX_SLOTS}`)
  if (!Number.isSafeInteger(jobs) || jobs < 1)
    throw new OptionError(`jobs is ${jobs} and must be a whole number of at least 1`)
  const name = toName(options.code)
  return (invocation) => new SlotExecutor({ ...options, size, jobs, name }, invocation)
}

/** One of the slots, as an invocation sees it. */
interface Slot {
  readonly name: string
  held: number
  refuses: boolean
}

interface SlotSettings<Env> extends SlotOptions<Env> {
  readonly size: number
  readonly jobs: number
  /** Of the code. */
  readonly name: string
}

class SlotExecutor<Env> implements InvocationExecutor {
  readonly #options: SlotSettings<Env>
  readonly #types: Invocation<Env>['types']
  readonly #loader: WorkerLoader
  readonly #code: WorkerLoaderWorkerCode
  readonly #slots: readonly Slot[]

  constructor(options: SlotSettings<Env>, { env, ctx, types }: Invocation<Env>) {
    const { size, jobs, name } = options
    this.#options = options
    this.#types = types
    this.#loader = toLoader(env, options.loader)
    this.#code = toCode(options, env, ctx)
    this.#slots = Array.from({ length: jobs === 1 ? 0 : size }, (_, at) => ({
      name: `isobar-${name}-${at}`,
      held: 0,
      refuses: false,
    }))
  }

  start(delivery: Delivery, options: ExecuteOptions): Started {
    const host = new Host(options)
    const outcome = this.#run(delivery, host)
    return {
      outcome,
      ended: () => outcome.then(() => {}),
      abort: (reason, graceMs = 0) => host.abort(reason, graceMs),
    }
  }

  async end(): Promise<void> {}

  async #run({ job }: Delivery, host: Host): Promise<Outcome> {
    // A suspect runs in an isolate that does nothing else, so that what happens then is its own doing.
    const alone = job.crashes > 0 || this.#options.jobs === 1
    try {
      for (let refusals = 0; refusals < MAX_REFUSALS; refusals++) {
        const answer = await host.orGivenUp(alone ? this.#runAlone(job, host) : this.#runInSlot(job, host))
        if (answer === 'given up') return { kind: 'release', error: host.reason }
        if ('outcome' in answer) return fromWireOutcome(answer.outcome)
        await new Promise((resolve) => setTimeout(resolve, REFUSED_WAIT_MS))
      }
      const error = new IsobarError(
        'SLOTS_FULL',
        `every slot refuses job ${job.name} (id ${job.id}): jobs in them do not end`,
      )
      return { kind: 'release', error }
    } catch (error) {
      if (isBroken(error)) return this.#toBroken(error)
      const { maxCrashes = DEFAULT_ALONE_CRASHES } = this.#options
      return toCrashOutcome({ job, alone: job.crashes > 0, error, type: this.#types.get(job.name), maxCrashes })
    } finally {
      host.end()
    }
  }

  #runAlone(job: Delivery['job'], host: Host): Promise<SlotAnswer> {
    return toStub(this.#loader.load(this.#code)).run(job, host, { jobs: Number.POSITIVE_INFINITY })
  }

  /** In the slot that has the least to do, of those that have not refused a job since they were last seen to take one. */
  async #runInSlot(job: Delivery['job'], host: Host): Promise<SlotAnswer> {
    const willing = this.#slots.filter(({ refuses }) => !refuses)
    const slot = (willing.length > 0 ? willing : this.#slots).reduce((a, b) => (b.held < a.held ? b : a))
    slot.held++
    try {
      // Asked for each time: what was got before goes to the isolate that there was then.
      const stub = toStub(this.#loader.get(slot.name, () => this.#code))
      const answer = await stub.run(job, host, { jobs: this.#options.jobs })
      slot.refuses = 'refused' in answer
      return answer
    } finally {
      slot.held--
    }
  }

  /** No job's fault: the code does not start. */
  #toBroken(cause: unknown): Outcome {
    const error = new IsobarError('SLOT_START', 'the code of the slots does not start; mend it and deploy again', {
      cause,
    })
    console.error('isobar: slots cannot start, and their jobs are put back', error)
    return { kind: 'release', delayMs: BROKEN_DELAY_MS, error }
  }
}

/** What a job in a slot may ask for; and the end of its patience. */
class Host extends RpcTarget implements JobHost {
  readonly #options: ExecuteOptions
  readonly #aborted = toDeferred<Awaited<ReturnType<JobHost['aborted']>>>()
  readonly #givenUp = toDeferred<'given up'>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #reason: AbortReason | undefined

  constructor(options: ExecuteOptions) {
    super()
    this.#options = options
  }

  aborted(): ReturnType<JobHost['aborted']> {
    return this.#aborted.promise
  }

  async progress(value: unknown): Promise<void> {
    this.#options.progress?.(value)
  }

  async send(specs: Parameters<JobHost['send']>[0]): Promise<unknown> {
    return this.#options.sender?.send(specs)
  }

  /** Why it was aborted. */
  get reason(): unknown {
    return this.#reason
  }

  abort(reason: AbortReason, graceMs: number): void {
    if (this.#reason) return
    this.#reason = reason
    this.#aborted.resolve({ reason: serializeError(reason), graceMs })
    this.#timer = setTimeout(() => this.#givenUp.resolve('given up'), graceMs + ABORT_MARGIN_MS)
  }

  orGivenUp<Answer>(answer: Promise<Answer>): Promise<Answer | 'given up'> {
    return Promise.race([answer, this.#givenUp.promise])
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

/** A promise with its end. */
function toDeferred<Value>(): { readonly promise: Promise<Value>; resolve(value: Value): void } {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

function toLoader<Env>(env: Env, name: keyof Env & string): WorkerLoader {
  const loader = env[name] as Partial<WorkerLoader> | undefined
  if (typeof loader?.get === 'function' && typeof loader.load === 'function') return loader as WorkerLoader
  throw new OptionError(`the binding ${name} is no Worker Loader; add it to worker_loaders in wrangler.jsonc`)
}

function toCode<Env>(options: SlotOptions<Env>, env: Env, ctx: ExecutionContext): WorkerLoaderWorkerCode {
  const { code, bindings = [], network = false, limits, compatibilityDate, compatibilityFlags = [] } = options
  return {
    compatibilityDate,
    compatibilityFlags: [...compatibilityFlags],
    mainModule: 'slot.js',
    modules: { 'slot.js': code },
    env: toBindingEnv(bindings, env, ctx),
    ...(!network && { globalOutbound: null }),
    ...(limits && { limits }),
  }
}

function toStub(worker: ReturnType<WorkerLoader['load']>): SlotStub {
  return worker.getEntrypoint() as unknown as SlotStub
}

function isBroken(error: unknown): boolean {
  return String(error).includes('Failed to start Worker')
}

/** A name that changes with the code, as the platform keeps what it was given under a name (FNV-1a, 32 bits). */
function toName(code: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < code.length; at++) hash = Math.imul(hash ^ code.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(36)
}
