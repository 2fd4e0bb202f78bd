import type {
  AbortReason,
  Delivery,
  ExecuteOptions,
  Executor,
  ExecutorHealth,
  HookEvents,
  HookName,
  MemoryReading,
  RecycleCause,
  Running,
} from '@isobar/core'
import {
  explain,
  FRESH,
  type GovernorState,
  govern,
  Hooks,
  type IsolateReading,
  Prefetch,
  Sentinel,
} from '@isobar/core/worker'
import { toCrashOutcome } from './crash-outcome.ts'
import { type Death, IsolateDiedError } from './death.ts'
import { Guardian } from './guardian.ts'
import { END_LIMIT_MS, Isolate, type IsolateListener } from './isolate.ts'
import type { Manifest } from './manifest.ts'
import { PoolRun } from './pool-run.ts'
import { type IsolateOptions, type PoolSettings, toPoolSettings } from './settings.ts'

/** Between two looks at the memory and the deadlines of isolates, in ms. */
export const SWEEP_MS = 200

/** Work that may wait in an isolate for a slot, in ms and in jobs: enough that it never waits for the next batch. */
const WINDOW = { ms: 20, jobs: 100 }

/** Suspects that may wait to run alone; what comes on top goes back to its queue for a while. */
const MAX_SUSPECTS = 100
const SUSPECT_DELAY_MS = 1_000

/** Between starts of isolates that fail, in ms: 250, 500 … at most 30 s. */
const START_BACKOFF_MS = { first: 250, most: 30_000 }

/** Isolates that may be loading at once: each takes a core while it does. */
const MAX_STARTING = 2

/** Hooks that fire here and are passed on to an isolate that lives. */
const FORWARDED: ReadonlySet<HookName> = new Set(['dead', 'recycle', 'drain', 'stop', 'brokerError'])

/** Why an isolate is to go. */
interface Farewell {
  readonly cause: RecycleCause
  readonly message: string
  readonly why?: HookEvents['recycle']['why']
}

/** What the pool knows of an isolate besides what it knows itself. */
interface Member {
  governor: GovernorState
  /** It is to be replaced: by a successor that is ready, and only then. */
  farewell: Farewell | undefined
}

/**
 * An executor that runs handlers in isolates: processes with a heap of their own, which are replaced before their memory
 * hurts, after so many jobs, or when they die. This process loads none of the app's code and reads no payload.
 *
 * The pool keeps `size` isolates *active* and `spares` loaded. Whatever happens, `#balance` brings it back to that, in
 * this order: an active isolate that is missing is replaced by a spare; one that is to go (its *farewell*) is replaced by
 * a spare and only then drained, no more of them at once than there may be processes; a suspect gets a spare to run alone
 * in; and as many are started as are missing, `size + spares + 1` processes at most.
 */
export class IsolatePool implements Executor, IsolateListener {
  readonly #settings: PoolSettings
  readonly #hooks: Hooks
  readonly #members = new Map<Isolate, Member>()
  readonly #guardian = new Guardian()
  readonly #window = new Prefetch(WINDOW)
  readonly #sentinel = new Sentinel()
  readonly #recycles: Record<RecycleCause, number> = {
    memory: 0,
    jobs: 0,
    age: 0,
    limit: 0,
    crash: 0,
    hang: 0,
    abandoned: 0,
    scale: 0,
    asked: 0,
  }
  readonly #ready: Promise<Manifest>
  #resolveReady: (manifest: Manifest) => void = () => {}
  #rejectReady: (error: Error) => void = () => {}
  readonly #sweep: NodeJS.Timeout
  #manifest: Manifest | undefined
  #wanted: number
  #waiting: PoolRun[] = []
  #suspects: PoolRun[] = []
  #failedStarts = 0
  /** Failed starts in a row. */
  #failures = 0
  #retryAt = 0
  #retry: NodeJS.Timeout | undefined
  #deaths: number[] = []
  #lastGapMs: number | undefined
  #draining = false
  #disposed: Promise<void> | undefined
  #onGone: (() => void) | undefined
  #onFree: () => void = () => {}

  constructor(settings: PoolSettings, hooks: Hooks = new Hooks()) {
    this.#settings = settings
    this.#hooks = hooks
    this.#wanted = settings.size
    this.#ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve
      this.#rejectReady = reject
    })
    // Whoever awaits it hears of a failure; nobody may.
    this.#ready.catch(() => {})
    this.#sweep = setInterval(() => {
      for (const isolate of this.#members.keys()) isolate.sweep()
    }, SWEEP_MS)
    this.#balance()
  }

  /** What its app says of itself, once the first isolate has loaded it. Rejects when that fails. */
  ready(): Promise<Manifest> {
    return this.#ready
  }

  get settings(): PoolSettings {
    return this.#settings
  }

  /** Isolates that serve when all is well. */
  get wanted(): number {
    return this.#wanted
  }

  /** Changes how many isolates serve. */
  resize(wanted: number): void {
    this.#wanted = wanted
    this.#balance()
    this.#onFree()
  }

  /** Replaces every isolate, one after the other: as after a change of what the app reads at its start. */
  recycle(): void {
    for (const isolate of this.#active()) this.#dismiss(isolate, { cause: 'asked', message: 'somebody asked for it' })
  }

  // As an executor.

  get size(): number {
    return this.#wanted * this.#settings.concurrency
  }

  /** A pool mends itself. It is unhealthy when no isolate can be started. */
  get healthy(): boolean {
    return this.#failures === 0 || this.#active().length > 0
  }

  free(): number {
    if (this.#draining) return 0
    const window = this.#window.size(this.#settings.concurrency)
    let room = -this.#waiting.length
    for (const isolate of this.#members.keys()) room += isolate.room(window)
    return Math.max(0, room)
  }

  start(delivery: Delivery, options: ExecuteOptions = {}): Running {
    const run = new PoolRun(delivery, options, (...abort) => this.#abort(...abort))
    const isSuspect = delivery.job.crashes > 0
    if (this.#draining) run.finish({ kind: 'release' })
    else if (isSuspect && this.#suspects.length >= MAX_SUSPECTS)
      run.finish({ kind: 'release', delayMs: SUSPECT_DELAY_MS })
    else if (isSuspect) {
      this.#suspects.push(run)
      this.#balance()
    } else if (!this.#assign(run)) this.#waiting.push(run)
    return run
  }

  onFree(listener: () => void): void {
    this.#onFree = listener
  }

  emit<Name extends HookName>(name: Name, event: HookEvents[Name]): void {
    if (name === 'drain') this.#drain()
    this.#hooks.emit(name, event)
    if (FORWARDED.has(name)) this.#anyAlive()?.forward(name, event)
  }

  health(): ExecutorHealth {
    const isolates = [...this.#members.keys()]
    return {
      size: this.size,
      running: isolates.reduce((sum, { runs }) => sum + runs.size, this.#waiting.length + this.#suspects.length),
      abandoned: isolates.reduce((sum, { abandoned }) => sum + abandoned, 0),
      healthy: this.healthy,
      pool: {
        isolates: isolates.map((isolate) => isolate.health()),
        wanted: this.#wanted,
        memoryLimit: this.#settings.memory,
        recycles: { ...this.#recycles },
        failedStarts: this.#failedStarts,
        lastGapMs: this.#lastGapMs,
        leaks: this.#sentinel.estimates(),
      },
    }
  }

  /** Ends all isolates: their apps' resources are disposed first, for 4 s at most. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose()
    return this.#disposed
  }

  async #dispose(): Promise<void> {
    this.#drain()
    clearInterval(this.#sweep)
    clearTimeout(this.#retry)
    for (const isolate of this.#members.keys()) {
      if (isolate.state === 'starting') isolate.kill('crash', 'the pool ends')
      else isolate.end()
    }
    if (this.#members.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onGone = resolve
        setTimeout(resolve, END_LIMIT_MS * 2).unref()
      })
    }
    await this.#guardian[Symbol.asyncDispose]()
  }

  #drain(): void {
    if (this.#draining) return
    this.#draining = true
    for (const run of [...this.#waiting.splice(0), ...this.#suspects.splice(0)]) run.finish({ kind: 'release' })
    for (const isolate of this.#members.keys()) if (isolate.runs.size > 0) isolate.recall()
  }

  #abort(run: PoolRun, reason: AbortReason, graceMs: number | undefined): void {
    if (run.isolate) return run.isolate.abort(run, reason, graceMs)
    this.#waiting = this.#waiting.filter((other) => other !== run)
    this.#suspects = this.#suspects.filter((other) => other !== run)
    run.finish({ kind: 'release', error: reason })
  }

  // Who gets what.

  #active(): Isolate[] {
    return [...this.#members.keys()].filter(({ state }) => state === 'active')
  }

  #in(...states: readonly Isolate['state'][]): Isolate[] {
    return [...this.#members.keys()].filter(({ state }) => states.includes(state))
  }

  #anyAlive(): Isolate | undefined {
    return this.#active()[0] ?? this.#in('spare', 'alone', 'draining')[0]
  }

  /** Gives a run to the isolate that has the fewest. */
  #assign(run: PoolRun): boolean {
    const window = this.#window.size(this.#settings.concurrency)
    let best: Isolate | undefined
    for (const isolate of this.#members.keys()) {
      if (isolate.room(window) > 0 && (!best || isolate.runs.size < best.runs.size)) best = isolate
    }
    if (!best) return false
    best.assign(run)
    const { jobs, leastAgeMs } = this.#settings
    if (best.given >= jobs && best.ageMs >= leastAgeMs && !best.isUsedUp)
      this.#dismiss(best, { cause: 'jobs', message: `it was given ${jobs} jobs` })
    return true
  }

  /** Gives what waits to whoever has room, then says so. */
  #fill(): void {
    while (this.#waiting.length > 0) {
      const [next, ...rest] = this.#waiting
      if (!next || !this.#assign(next)) break
      this.#waiting = rest
    }
    this.#onFree()
  }

  // The balance.

  /** An isolate is to go, once another can take its place. */
  #dismiss(isolate: Isolate, farewell: Farewell): void {
    const member = this.#members.get(isolate)
    if (!member || member.farewell) return
    member.farewell = farewell
    this.#balance()
  }

  #balance(): void {
    if (this.#draining) return
    const spares = this.#in('spare').filter((isolate) => !this.#members.get(isolate)?.farewell)
    let active = this.#active()
    const promote = (spare: Isolate): void => {
      spare.state = 'active'
      spare.slot = freeSlot(this.#members.keys())
      const died = this.#deaths.shift()
      if (died !== undefined) this.#lastGapMs = performance.now() - died
      active = [...active, spare]
    }
    const before = active.length
    while (active.length < this.#wanted) {
      const spare = spares.shift()
      if (!spare) break
      promote(spare)
    }
    this.#shrink(active)
    const leaving = active.filter((isolate) => this.#members.get(isolate)?.farewell)
    let room = 1 + this.#settings.spares - this.#in('draining', 'ending').length
    let unserved = leaving.length
    for (const isolate of leaving) {
      const spare = room > 0 ? spares.shift() : undefined
      if (!spare) break
      room--
      unserved--
      const { slot } = isolate
      this.#retire(isolate)
      promote(spare)
      spare.slot = slot
    }
    for (const isolate of this.#in('spare')) {
      if (this.#members.get(isolate)?.farewell) this.#retire(isolate)
    }
    this.#serveSuspects(spares)
    this.#spawnMissing(this.#wanted - active.length + unserved)
    if (active.length > before || this.#waiting.length > 0) this.#fill()
  }

  /** Lets those go that are too many: the ones with the most memory first. */
  #shrink(active: readonly Isolate[]): void {
    const surplus = active.length - this.#wanted
    if (surplus <= 0) return
    const heaviest = [...active].sort((a, b) => (b.reading?.rss ?? 0) - (a.reading?.rss ?? 0))
    for (const isolate of heaviest.slice(0, surplus)) {
      const member = this.#members.get(isolate)
      if (!member) continue
      member.farewell ??= { cause: 'scale', message: 'fewer are needed' }
      this.#retire(isolate)
    }
  }

  /** Drains an isolate that has a farewell. */
  #retire(isolate: Isolate): void {
    const { cause, message, why } = this.#members.get(isolate)?.farewell ?? { cause: 'asked', message: '' }
    this.#recycles[cause]++
    isolate.state = 'draining'
    this.#tellRecycle(isolate, { cause, message, ...(why && { why }) })
    isolate.slot = undefined
    if (isolate.runs.size === 0) return isolate.end()
    // What it has not started is another's.
    isolate.recall()
  }

  #tellRecycle(isolate: Isolate, farewell: Farewell & { readonly error?: unknown }): void {
    const { slot, pid, ended: jobs, ageMs } = isolate
    const event = { ...farewell, slot, pid, jobs, ageMs }
    this.#hooks.emit('recycle', event)
    const told = this.#in('active', 'spare').find((other) => other !== isolate)
    told?.forward('recycle', event)
  }

  /** Suspects run alone, one after the other, in an isolate that does nothing else meanwhile. */
  #serveSuspects(spares: Isolate[]): void {
    let [alone] = this.#in('alone')
    if (alone && alone.runs.size > 0) return
    if (alone?.isUsedUp) this.#retireUsedUp(alone)
    else if (alone && this.#members.get(alone)?.farewell) this.#retire(alone)
    if (alone?.state !== 'alone') alone = undefined
    if (this.#suspects.length === 0) {
      // It has shown nothing against it: it may serve as any other.
      if (alone) {
        alone.state = 'spare'
        spares.push(alone)
      }
      return
    }
    alone ??= spares.shift()
    const suspect = alone && this.#suspects.shift()
    if (!alone || !suspect) return
    alone.state = 'alone'
    alone.assign(suspect)
  }

  #spawnMissing(missing: number): void {
    const starting = this.#in('starting').length
    const spare = this.#in('spare').length
    const forSuspects = this.#suspects.length > 0 && this.#in('alone').length === 0 ? 1 : 0
    const most = this.#wanted + this.#settings.spares + 1
    const wanted = Math.max(0, missing) + this.#settings.spares + forSuspects - starting - spare
    const now = performance.now()
    if (wanted <= 0 || this.#members.size >= most || starting >= MAX_STARTING) return
    if (now < this.#retryAt) return this.#later(this.#retryAt - now)
    const isolate = new Isolate(this.#settings, this)
    this.#members.set(isolate, { governor: FRESH, farewell: undefined })
    if (isolate.pid !== undefined) this.#guardian.add(isolate.pid)
    // The first one says whether the app can be loaded at all.
    if (this.#manifest) this.#spawnMissing(missing)
  }

  #later(ms: number): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined
      this.#balance()
    }, ms)
  }

  // What isolates say.

  onReady(isolate: Isolate, manifest: Manifest): void {
    this.#failures = 0
    this.#manifest = manifest
    this.#resolveReady(manifest)
    if (this.#draining) isolate.end()
    else this.#balance()
  }

  onReading(isolate: Isolate, reading: IsolateReading): void {
    const member = this.#members.get(isolate)
    if (!member || isolate.state === 'draining' || isolate.state === 'ending') return
    const { memory, ageMs, leastAgeMs } = this.#settings
    const jobs = isolate.ageMs < leastAgeMs ? Number.POSITIVE_INFINITY : this.#settings.jobs
    const { state, verdict, notice } = govern(member.governor, reading, { memory, jobs, ageMs })
    member.governor = state
    if (reading.confirmed) this.#hooks.emit('memory', { reading, slot: isolate.slot, ...this.#suspected() })
    if (notice) console.error(`isobar: ${explain(notice)}`)
    if (verdict.action === 'confirm') isolate.confirm()
    if (verdict.action === 'prepare') this.#prepare()
    if (verdict.action === 'recycle')
      this.#dismiss(isolate, { cause: verdict.why.reason, message: explain(verdict.why), why: verdict.why })
  }

  onCollected(
    isolate: Isolate,
    alive: number,
    counts: readonly (readonly [string, number])[],
    reading: MemoryReading,
  ): void {
    if (isolate.alive !== undefined)
      this.#sentinel.add({
        bytes: alive - isolate.alive,
        jobs: Object.fromEntries(counts),
        at: reading.at,
        isolate: String(isolate.id),
      })
    isolate.alive = alive
    this.#hooks.emit('memory', { reading, slot: isolate.slot, ...this.#suspected() })
  }

  #suspected(): Pick<HookEvents['memory'], 'suspect'> {
    if (!this.#hooks.has('memory')) return {}
    const suspect = this.#sentinel.suspect()
    return suspect ? { suspect } : {}
  }

  onEnded(isolate: Isolate, run: PoolRun): void {
    if (run.durationMs !== undefined) this.#window.add(run.durationMs)
    this.#afterJob(isolate)
  }

  onRoom(): void {
    this.#fill()
  }

  onHandedBack(isolate: Isolate, runs: readonly PoolRun[]): void {
    for (const run of runs) run.putBack()
    this.#requeue(runs)
    this.#afterJob(isolate)
  }

  onAbandoned(isolate: Isolate): void {
    this.#dismiss(isolate, {
      cause: 'abandoned',
      message: 'a handler that was given up, as it ignored ctx.signal, goes on in it',
    })
  }

  onHook(name: HookName, event: HookEvents[HookName]): void {
    this.#hooks.emit(name, event)
  }

  onExit(isolate: Isolate): void {
    if (isolate.pid !== undefined) this.#guardian.remove(isolate.pid)
    if (isolate.state !== 'active' && isolate.state !== 'alone') return
    if (isolate.state === 'active') this.#deaths.push(performance.now())
    // Another takes its place before it is known what it died of.
    this.#exiled(isolate)
    this.#balance()
  }

  /** Out of service, and not yet gone. */
  #exiled(isolate: Isolate): void {
    this.#wasAlone.set(isolate, isolate.state === 'alone')
    isolate.state = 'ending'
  }

  onGone(isolate: Isolate, death: Death | undefined): void {
    this.#members.delete(isolate)
    if (isolate.loadError || !isolate.manifest) this.#onFailedStart(isolate, death)
    else if (death) this.#onDeath(isolate, death)
    if (this.#members.size === 0) this.#onGone?.()
    this.#balance()
  }

  readonly #wasAlone = new WeakMap<Isolate, boolean>()

  #onDeath(isolate: Isolate, death: Death): void {
    if (this.#disposed) return this.#judge(isolate, death)
    this.#recycles[death.cause]++
    console.error(`isobar: isolate ${isolate.slot ?? '(spare)'} (pid ${isolate.pid}) died: ${death.error.message}`)
    this.#tellRecycle(isolate, { cause: death.cause, message: death.error.message, error: death.error })
    this.#judge(isolate, death)
  }

  /** What becomes of the jobs of an isolate that has died. */
  #judge(isolate: Isolate, death: Death): void {
    const alone = this.#wasAlone.get(isolate) ?? false
    const unstarted: PoolRun[] = []
    for (const run of isolate.runs.values()) {
      const { job } = run.delivery
      if (run.startedAt === undefined) {
        run.putBack()
        unstarted.push(run)
        continue
      }
      const innocent = death.culprit !== undefined && death.culprit !== run.n && isolate.runs.has(death.culprit)
      const type = isolate.typeOf(job.name)
      run.finish(toCrashOutcome({ job, alone, innocent, death, type, maxCrashes: this.#settings.maxCrashes }))
    }
    isolate.runs.clear()
    this.#requeue(unstarted)
  }

  #requeue(runs: readonly PoolRun[]): void {
    if (runs.length === 0) return
    if (this.#draining) {
      for (const run of runs) run.finish({ kind: 'release' })
      return
    }
    const suspects = runs.filter(({ delivery }) => delivery.job.crashes > 0)
    this.#suspects = [...suspects, ...this.#suspects]
    this.#waiting = [...runs.filter((run) => !suspects.includes(run)), ...this.#waiting]
    this.#balance()
  }

  #onFailedStart(isolate: Isolate, death: Death | undefined): void {
    if (this.#disposed) return
    const error = isolate.loadError ?? death?.error ?? new IsolateDiedError('an isolate ended before it had loaded')
    this.#failedStarts++
    this.#failures++
    if (!this.#manifest) return this.#rejectReady(error)
    const wait = Math.min(START_BACKOFF_MS.most, START_BACKOFF_MS.first * 2 ** (this.#failures - 1))
    this.#retryAt = performance.now() + wait
    console.error(
      `isobar: an isolate could not be started (${this.#failures} times in a row); those that serve go on, and the next try is in ${wait} ms`,
      error,
    )
  }

  /** An isolate has one job less. */
  #afterJob(isolate: Isolate): void {
    if (isolate.runs.size === 0) {
      if (isolate.state === 'draining') isolate.end()
      if (isolate.isUsedUp && isolate.state === 'active') this.#retireUsedUp(isolate)
      if (isolate.isUsedUp || isolate.state === 'alone') this.#balance()
    }
    if (this.#waiting.length > 0) this.#fill()
  }

  /** It has done the one job that it was for, and is of no use until another takes its place. */
  #retireUsedUp(isolate: Isolate): void {
    const member = this.#members.get(isolate)
    if (member) member.farewell ??= { cause: 'jobs', message: 'it was for one job' }
    this.#retire(isolate)
  }

  /** A successor will be needed soon: where no spare is kept, one is started now. */
  #prepare(): void {
    if (this.#settings.spares === 0 && this.#in('spare', 'starting').length === 0) this.#spawnMissing(1)
  }
}

/** The smallest number that no isolate serves as. */
function freeSlot(isolates: Iterable<Isolate>): number {
  const taken = new Set([...isolates].map(({ slot }) => slot))
  let slot = 0
  while (taken.has(slot)) slot++
  return slot
}

/**
 * An executor that runs the app of a module in isolates.
 *
 * @example
 * await using pool = await isolates(new URL('./app.ts', import.meta.url), { size: 2, memory: '256mb' })
 *
 * @throws {OptionError}
 * @throws the error with which the module could not be loaded.
 */
export async function isolates(
  module: URL | string,
  options: IsolateOptions = {},
  hooks: Hooks = new Hooks(),
): Promise<IsolatePool> {
  const heard = (['log', 'progress', 'scopeError'] as const).filter((name) => hooks.has(name))
  const pool = new IsolatePool(toPoolSettings(module, options, heard), hooks)
  try {
    await pool.ready()
    return pool
  } catch (error) {
    await pool[Symbol.asyncDispose]()
    throw error
  }
}
