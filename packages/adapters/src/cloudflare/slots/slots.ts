import type { WorkerLoader, WorkerLoaderWorkerCode } from '@cloudflare/workers-types'
import { type Delivery, type ExecuteOptions, IsobarError, OptionError, type Outcome } from '@isobar/core'
import { DEFAULT_ALONE_CRASHES, toCrashOutcome } from '@isobar/core/worker'
import type { BindingOf } from '../bindings.ts'
import type { Invocation, InvocationExecutor, OpenExecutor, Started } from '../executor.ts'
import { toGivenUpOutcome } from './given-up-outcome.ts'
import { Host } from './host.ts'
import { Places } from './places.ts'
import { isStranded, pick, type Slot } from './slot-choice.ts'
import { toCode, toLoader, toName } from './slot-code.ts'
import { fromWireOutcome, type SlotAnswer, type SlotStub } from './wire.ts'

/** Slots of an invocation by default, and at most: the platform has four dynamic Workers at once in a request. */
export const MAX_SLOTS = 4

/** Jobs of a slot by default. */
export const DEFAULT_SLOT_JOBS = 1_000

/** How long a job waits that all slots have refused, in ms: they are about to be replaced. */
const REFUSED_WAIT_MS = 2

/** How often a job may be refused: slots that do not go away after that keep jobs that never end. */
const MAX_REFUSALS = 500

/** How often it is tried to start a job whose slot fails before its handler begins. */
const MAX_STARTS = 3

/** How long a job waits whose slots cannot start, in ms. */
const BROKEN_DELAY_MS = 30_000

/** What a Worker Loader is known by. */
export interface LoaderLike {
  get(...args: never): unknown
  load(...args: never): unknown
}

/** Options of `slots`. */
export interface SlotOptions<Env> {
  /** The binding of the Worker Loader. */
  readonly loader: BindingOf<Env, LoaderLike>
  /** The slot's module, bundled: see `bundleSlot` in `@isobar/adapters/cloudflare/build`. */
  readonly code: string
  /** Isolates that serve at once in an invocation, those of jobs that run alone included. Default, and at most, 4. */
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
  const { code, loader: _, maxCrashes: __, ...isolate } = options
  const name = toName(JSON.stringify(isolate) + code)
  const generations = Array.from({ length: size }, () => 0)
  return (invocation) => new SlotExecutor({ ...options, size, jobs, name, generations }, invocation)
}

interface SlotSettings<Env> extends SlotOptions<Env> {
  readonly size: number
  readonly jobs: number
  /** Of the code, and of what its isolates are made with. */
  readonly name: string
  /** How often each slot's isolate was given up, rather than that it ended. */
  readonly generations: number[]
}

class SlotExecutor<Env> implements InvocationExecutor {
  readonly #options: SlotSettings<Env>
  readonly #types: Invocation<Env>['types']
  readonly #loader: WorkerLoader
  readonly #code: WorkerLoaderWorkerCode
  readonly #slots: readonly Slot[]
  /** One for each isolate that has something to do: the platform refuses more. */
  readonly #places: Places
  #toldUnstartable = false

  constructor(options: SlotSettings<Env>, { env, ctx, types }: Invocation<Env>) {
    const { size, jobs } = options
    this.#options = options
    this.#types = types
    this.#loader = toLoader(env, options.loader)
    this.#code = toCode(options, env, ctx)
    this.#places = new Places(size)
    this.#slots = Array.from({ length: jobs === 1 ? 0 : size }, (_, at) => ({
      ...{ at, hosts: new Set<Host>(), refusedAt: Number.NEGATIVE_INFINITY },
      refusingSince: undefined,
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
    let failures = 0
    try {
      for (let refusals = 0; refusals < MAX_REFUSALS; refusals++) {
        try {
          const answer = await host.orGivenUp(alone ? this.#runAlone(job, host) : this.#runInSlot(job, host))
          if ('givenUp' in answer) return toGivenUpOutcome(answer.givenUp, job, this.#types.get(job.name))
          if ('outcome' in answer) return fromWireOutcome(answer.outcome)
        } catch (error) {
          if (host.hasStarted) return this.#toCrashed(job, error)
          if (++failures === MAX_STARTS || isBroken(error)) return this.#toUnstartable(error)
        }
        await new Promise((resolve) => setTimeout(resolve, REFUSED_WAIT_MS * 10 ** failures))
      }
    } finally {
      host.end()
    }
    const error = new IsobarError(
      'SLOTS_FULL',
      `every slot refuses job ${job.name} (id ${job.id}): jobs in them do not end`,
    )
    return { kind: 'release', error }
  }

  async #runAlone(job: Delivery['job'], host: Host): Promise<SlotAnswer> {
    await this.#places.take()
    try {
      if (host.isOver) return { refused: true }
      return await toStub(this.#loader.load(this.#code)).run(job, host, { jobs: Number.POSITIVE_INFINITY })
    } finally {
      this.#places.give()
    }
  }

  async #runInSlot(job: Delivery['job'], host: Host): Promise<SlotAnswer> {
    const { generations, name, jobs } = this.#options
    const slot = await this.#enter(host)
    const generation = generations[slot.at] as number
    try {
      if (host.isOver) return { refused: true }
      // Asked for each time: what was got before goes to the isolate that there was then.
      const stub = toStub(this.#loader.get(`isobar-${name}-${slot.at}.${generation}`, () => this.#code))
      const answer = await stub.run(job, host, { jobs })
      if (isStranded(slot, 'refused' in answer)) this.#replace(slot, generation)
      return answer
    } catch (error) {
      // Where one was cut off, whatever it was about to put back in order is not.
      if (host.hasStarted) this.#replace(slot, generation)
      throw error
    } finally {
      slot.hosts.delete(host)
      if (slot.hosts.size === 0) this.#places.give()
    }
  }

  /** Enters a slot, with a place for it when it is the first in there; waits where there is neither. */
  async #enter(host: Host): Promise<Slot> {
    const inUse = this.#slots.filter(({ hosts }) => hosts.size > 0)
    if (!this.#places.tryTake()) {
      if (inUse.length > 0) {
        const slot = pick(inUse)
        slot.hosts.add(host)
        return slot
      }
      await this.#places.take()
    }
    const slot = pick(this.#slots)
    if (slot.hosts.size > 0) this.#places.give()
    slot.hosts.add(host)
    return slot
  }

  /** Gives up a slot's isolate, for all invocations. Those that are in there go on. */
  #replace(slot: Slot, generation: number): void {
    const { generations } = this.#options
    if (generations[slot.at] === generation) generations[slot.at] = generation + 1
    slot.refusedAt = Number.NEGATIVE_INFINITY
    slot.refusingSince = undefined
  }

  #toCrashed(job: Delivery['job'], error: unknown): Outcome {
    const { maxCrashes = DEFAULT_ALONE_CRASHES } = this.#options
    const retry = this.#types.get(job.name)?.retry
    return toCrashOutcome({ job, alone: job.crashes > 0, error, retry, maxCrashes })
  }

  /** No job's fault: no handler has begun. */
  #toUnstartable(cause: unknown): Outcome {
    const error = new IsobarError(
      'SLOT_START',
      'slots do not start, so no handler began; see the cause, mend their code and deploy again',
      {
        cause,
      },
    )
    if (!this.#toldUnstartable) console.error('isobar: slots cannot start, and their jobs are put back', error)
    this.#toldUnstartable = true
    return { kind: 'release', delayMs: BROKEN_DELAY_MS, error }
  }
}

function toStub(worker: ReturnType<WorkerLoader['load']>): SlotStub {
  return worker.getEntrypoint() as unknown as SlotStub
}

/** Whether it is known that trying again is of no use. */
function isBroken(error: unknown): boolean {
  return String(error).includes('Failed to start Worker')
}
