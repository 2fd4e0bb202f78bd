import type { AbortReason, HookEvents, HookName, IsolateHealth, IsolateState, JobSpec } from '@isobar/core'
import { reviveError, serializeError } from '@isobar/core/codec'
import type { IsolateReading } from '@isobar/core/worker'
import type { Collected } from '../collection-watch.ts'
import type { PausesByKind } from '../pauses.ts'
import { platform } from '../platform/this-platform.ts'
import type { Init } from './channel.ts'
import { type Death, IsolateDiedError, type Traces, toDeath } from './death.ts'
import { toFrame } from './frames.ts'
import { fromHookEvent, toHookEvent } from './hook-wire.ts'
import { IsolateProcess, type ProcessEnd, type ProcessListener } from './isolate-process.ts'
import { toJobFrame } from './job-frame.ts'
import { type Line, SAY } from './lines.ts'
import type { Manifest, ManifestJob } from './manifest.ts'
import type { PoolRun } from './pool-run.ts'
import { readRss } from './rss.ts'
import type { PoolSettings } from './settings.ts'
import { fromWireOutcome } from './wire-outcome.ts'

/** How long an isolate may take to load its app, in ms. */
export const LOAD_LIMIT_MS = 60_000

/** How much later than a job's timeout and grace its isolate is killed, in ms: the isolate itself is to say so first. */
export const HANG_MARGIN_MS = 1_000

/** How long an isolate that was told to end may take, in ms. */
export const END_LIMIT_MS = 4_500

/**
 * How long an isolate in which nothing has started may leave a job waiting and say nothing, in ms: its event loop is
 * blocked by what an earlier job has left behind, or it was stopped. (One in which a job runs may be busy: that job's
 * timeout tells.)
 */
export const SILENT_LIMIT_MS = 3_000

/** The journal of an isolate that has said nothing for so long is read, in ms: twice a sweep, so that its pipe was. */
const PEEK_AFTER_MS = 400

/** An isolate whose last reading is older, in ms, is read from outside. */
const SILENT_MS = 150

/** Characters of payloads that may wait in an isolate for a slot. */
const MAX_WAITING = 1_000_000

let lastId = 0

/** What a pool hears of its isolates. */
export interface IsolateListener {
  /** It has loaded its app. */
  onReady(isolate: Isolate, manifest: Manifest): void
  onReading(isolate: Isolate, reading: IsolateReading): void
  /** Memory after a natural full collection. */
  onCollected(isolate: Isolate, collected: Collected): void
  /** How long collections have stopped it since it last told. */
  onPauses(isolate: Isolate, pauses: PausesByKind): void
  /** A job is over. */
  onEnded(isolate: Isolate, run: PoolRun): void
  /** It has room again for another reason. */
  onRoom(): void
  /** These had not started. */
  onHandedBack(isolate: Isolate, runs: readonly PoolRun[]): void
  /** A handler that was given up goes on in it. */
  onAbandoned(isolate: Isolate): void
  onHook(name: HookName, event: HookEvents[HookName]): void
  /** Its process has ended; `onGone` follows when all that it said has been heard. */
  onExit(isolate: Isolate): void
  /** `death` where nobody had told it to end; jobs that were in it are still in `runs`. */
  onGone(isolate: Isolate, death: Death | undefined): void
}

/**
 * One isolate, as its supervisor holds it: a process that runs `isolate-boot.ts`.
 *
 *     starting ──ready──► spare ──► active ──► draining ──last job over──► ending ──► (gone)
 *                           └─────► alone ───────┘
 *
 * It is *starting* until it has loaded its app, then a *spare*. The pool makes it *active*, or *alone* for one suspect
 * after the other. *Draining* it takes no more jobs, and *ending* it disposes what the app has opened. It may die in
 * every state: by itself, or killed by the supervisor, for its memory, for a job that does not end, or at the end.
 */
export class Isolate implements ProcessListener {
  /** No other isolate of this process has it, or ever had. */
  readonly id: number = ++lastId
  state: IsolateState = 'starting'
  /** Who it serves as; taken over by its successor. */
  slot: number | undefined
  /** Who it served as last: what it tells while it drains is still that slot's. */
  served: number | undefined
  /** Jobs that it has, by their numbers. */
  readonly runs: Map<number, PoolRun> = new Map()
  /** The last reading of its memory. */
  reading: IsolateReading | undefined
  /** Bytes alive at the last natural collection. */
  alive: number | undefined
  /** Why it was not loaded. */
  loadError: Error | undefined
  manifest: Manifest | undefined
  /** Jobs it was given, and those that ended in it. */
  given = 0
  ended = 0
  /** Handlers that were given up and go on. */
  abandoned = 0
  readonly #settings: PoolSettings
  readonly #listener: IsolateListener
  readonly #process: IsolateProcess
  readonly #startedAt = performance.now()
  readonly #types = new Map<string, ManifestJob>()
  #heldBytes = 0
  /** Jobs that run. */
  #started = 0
  /** How long nothing was heard of it, while it had something to say. */
  #silentMs = 0
  /** It was told to end. */
  #told = false
  #ageAtBoot = 0
  #handedBack: PoolRun[] = []
  #killed: Traces['killed']
  #uncaught: Traces['uncaught']
  #limit: NodeJS.Timeout | undefined
  #rests = false

  constructor(settings: PoolSettings, listener: IsolateListener) {
    this.#settings = settings
    this.#listener = listener
    const { module, concurrency, hooks, env, memory: limit } = settings
    this.#process = new IsolateProcess(platform.isolateCommand(settings), this)
    this.#limit = setTimeout(() => this.kill('hang', `it did not load within ${LOAD_LIMIT_MS} ms`), LOAD_LIMIT_MS)
    const init: Init = { module, concurrency, hooks, limit, ...(env !== undefined && { env }) }
    this.#process.tell(toFrame('init', 0, '', JSON.stringify(init)))
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get ageMs(): number {
    return performance.now() - this.#startedAt
  }

  /** Whether it is for one job only, and has it. */
  get isUsedUp(): boolean {
    return this.#settings.jobs === 1 && this.given > 0
  }

  /**
   * How many more jobs it would take now, with `window` of them waiting in it for a slot. Once it has some waiting it takes
   * more when half of them have started: so that they come in batches, and in time.
   */
  room(window: number): number {
    const { concurrency, jobs } = this.#settings
    if (this.state !== 'active' || this.isUsedUp || this.#rests || this.#process.exited) return 0
    if (this.#process.isBehind) return 0
    const held = this.runs.size
    const waiting = this.#heldBytes < MAX_WAITING && jobs > 1 ? window : 0
    return held < concurrency + Math.ceil(waiting / 2) ? concurrency + waiting - held : 0
  }

  /** Gives it a job. */
  assign(run: PoolRun): void {
    run.isolate = this
    run.n = ++this.given
    this.runs.set(run.n, run)
    this.#heldBytes += run.bytes
    this.#process.tell(toJobFrame(run.n, run.delivery.job))
  }

  /** Aborts one of its jobs; it is killed when that job has started and is not over when the grace is. */
  abort(run: PoolRun, reason: AbortReason, graceMs: number | undefined): void {
    const { id, name, queue } = run.delivery.job
    const head = { reason: reason.code, job: { id, name, queue }, graceMs }
    this.#process.tell(toFrame('abort', run.n, JSON.stringify(head)))
    run.graceMs = graceMs
    if (run.startedAt !== undefined) this.#expectEnd(run, 0)
  }

  /** Takes no more jobs and hands back what has not started, though nobody can take its place yet. */
  rest(): void {
    if (this.#rests) return
    this.#rests = true
    this.recall()
  }

  /** Takes jobs again. */
  goOn(): void {
    this.#rests = false
  }

  /** Asks for what has not started: `onHandedBack` hears of it. */
  recall(): void {
    this.#process.tell(toFrame('recall'))
  }

  /** Asks for a reading after a full collection. */
  confirm(): void {
    this.#process.tell(toFrame('collect'))
  }

  /** Tells it of a hook that fired here. */
  forward<Name extends HookName>(name: Name, event: HookEvents[Name]): void {
    this.#process.tell(toFrame('hook', 0, '', toHookEvent(name, event)))
  }

  /** Tells it to dispose what it has opened and to end; it is killed if it takes too long. */
  end(): void {
    if (this.#told) return
    this.#told = true
    this.state = 'ending'
    clearTimeout(this.#limit)
    this.#limit = setTimeout(() => this.#process.kill(), END_LIMIT_MS)
    this.#process.tell(toFrame('end'))
  }

  /** Kills it. */
  kill(cause: Death['cause'], message: string): void {
    if (this.#process.exited) return
    this.#killed ??= { cause, message }
    this.#process.kill()
  }

  /** Reads its resident memory and looks at its deadlines: `sinceMs` after it did so last. */
  sweep(sinceMs: number): void {
    if (this.#process.exited || this.pid === undefined) return
    this.#silentMs += sinceMs
    const rss = readRss(this.pid) ?? this.reading?.rss
    if (rss !== undefined && rss >= this.#settings.memory) return this.#killForMemory(rss)
    const now = performance.now()
    for (const run of this.runs.values()) {
      if (now < run.deadline) continue
      const { name, id } = run.delivery.job
      return this.kill('hang', `it did not answer after job ${name} (id ${id}) was to end: its event loop is blocked`)
    }
    // It may be in the middle of a long step, in which it sends nothing.
    if (this.runs.size > 0 && this.#silentMs >= PEEK_AFTER_MS) this.#process.peek()
    if (this.runs.size === 0 || this.#started > 0) this.#silentMs = Math.min(this.#silentMs, PEEK_AFTER_MS)
    if (this.#silentMs > SILENT_LIMIT_MS)
      return this.kill('hang', 'it does not start the jobs that it has: its event loop is blocked')
    // It tells itself as long as its jobs end.
    if (this.reading && rss !== undefined && this.ageMs - this.reading.ageMs > SILENT_MS)
      this.#onReading({ ...this.reading, rss, at: Date.now(), ageMs: this.ageMs - this.#ageAtBoot, confirmed: false })
  }

  health(): IsolateHealth {
    const { slot, pid, state, ageMs, ended, reading } = this
    return { slot, pid, state, ageMs, jobs: ended, held: this.runs.size, memory: reading }
  }

  #killForMemory(rss: number): void {
    const toMb = (bytes: number): string => (bytes / 1e6).toFixed(0)
    const { memory } = this.#settings
    this.kill('limit', `its resident memory of ${toMb(rss)} MB is over its limit of ${toMb(memory)} MB`)
  }

  // What its process says.

  onHeard(): void {
    if (this.#handedBack.length > 0) this.#listener.onHandedBack(this, this.#handedBack.splice(0))
  }

  onNonsense(error: unknown): void {
    this.kill('crash', `it said something that is not of isobar's: ${String(error)}`)
  }

  onDrain(): void {
    this.#listener.onRoom()
  }

  onExit(): void {
    clearTimeout(this.#limit)
    this.#listener.onExit(this)
  }

  onEnd({ error, ...end }: ProcessEnd): void {
    if (error)
      this.loadError ??= new IsolateDiedError(`an isolate could not be started: ${error.message}`, { cause: error })
    const told = this.#told && this.runs.size === 0
    const traces: Traces = { ...end, killed: this.#killed, uncaught: this.#uncaught }
    this.#listener.onGone(this, told ? undefined : toDeath(traces))
  }

  onLine({ kind, n, rest }: Line): void {
    this.#silentMs = 0
    switch (kind) {
      case SAY.start:
        return this.#onStart(n, Number(rest))
      case SAY.done:
        return this.#onEnded(n, { outcome: { kind: 'ack' }, ms: Number(rest) })
      case SAY.outcome:
        return this.#onEnded(n, fromWireOutcome(rest))
      case SAY.unstarted: {
        const run = this.#take(n)
        if (run) this.#handedBack.push(run)
        return
      }
      case SAY.progress:
        return this.runs.get(n)?.options.progress?.(JSON.parse(rest))
      case SAY.abandoned:
        this.abandoned++
        return this.#listener.onAbandoned(this)
      case SAY.memory:
        return this.#onReading(JSON.parse(rest))
      case SAY.collected: {
        const { reading, ...collected }: Collected = JSON.parse(rest)
        const limited = { ...reading, limit: this.#settings.memory }
        return this.#listener.onCollected(this, { ...collected, reading: limited })
      }
      case SAY.pauses:
        return this.#listener.onPauses(this, JSON.parse(rest))
      case SAY.hook: {
        const { name, event } = fromHookEvent(rest)
        const job = this.runs.get(n)?.delivery.job
        return this.#listener.onHook(name, job ? { ...event, job } : event)
      }
      case SAY.send:
        return void this.#send(n, JSON.parse(rest))
      case SAY.crash:
        this.#uncaught = { n, error: reviveError(JSON.parse(rest)) }
        return
      case SAY.ready:
        return this.#onManifest(JSON.parse(rest))
      case SAY.failed:
        this.loadError = reviveError(JSON.parse(rest))
        return
    }
  }

  /** Its own clock began when its process did; here it counts from when that was asked for. */
  #onReading(told: IsolateReading): void {
    this.#ageAtBoot ||= Math.max(0, this.ageMs - told.ageMs)
    const ageMs = told.ageMs + this.#ageAtBoot
    this.reading = { ...told, ageMs, limit: this.#settings.memory }
    this.#listener.onReading(this, this.reading)
  }

  #onManifest(manifest: Manifest): void {
    clearTimeout(this.#limit)
    this.manifest = manifest
    for (const job of manifest.jobs) this.#types.set(job.name, job)
    if (this.state !== 'starting') return
    this.state = 'spare'
    this.#listener.onReady(this, manifest)
  }

  /** What its app says of a job type. */
  typeOf(name: string): ManifestJob | undefined {
    return this.#types.get(name)
  }

  #onStart(n: number, at: number): void {
    const run = this.runs.get(n)
    if (!run) return
    this.#started++
    run.begin(at)
    const timeoutMs = this.typeOf(run.delivery.job.name)?.timeoutMs
    if (run.aborted) this.#expectEnd(run, 0)
    else if (timeoutMs) this.#expectEnd(run, timeoutMs)
  }

  /** A job that runs is to be over in so many ms and its grace. (One that has not started may wait behind one that is busy.) */
  #expectEnd(run: PoolRun, ms: number): void {
    const grace = run.graceMs ?? this.manifest?.graceMs ?? 0
    run.deadline = Math.min(run.deadline, performance.now() + ms + grace + HANG_MARGIN_MS)
  }

  #onEnded(n: number, { outcome, ms }: ReturnType<typeof fromWireOutcome>): void {
    const run = this.#take(n)
    if (!run) return
    this.ended++
    run.finish(outcome, ms)
    this.#listener.onEnded(this, run)
  }

  #take(n: number): PoolRun | undefined {
    const run = this.runs.get(n)
    if (!run) return undefined
    this.runs.delete(n)
    this.#heldBytes -= run.bytes
    if (run.startedAt !== undefined) this.#started--
    return run
  }

  /** Any of its jobs' senders will do: they are their worker's. */
  async #send(n: number, specs: readonly JobSpec[]): Promise<void> {
    const sender = [...this.runs.values()].find(({ options }) => options.sender)?.options.sender
    let answer: object
    try {
      if (!sender) throw new IsolateDiedError('no job runs that could send')
      answer = { sent: await sender.send(specs) }
    } catch (error) {
      answer = { error: serializeError(error) }
    }
    this.#process.tell(toFrame('sent', n, '', JSON.stringify(answer)))
  }
}
