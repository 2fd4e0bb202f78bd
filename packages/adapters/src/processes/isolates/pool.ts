import type {
  AbortReason,
  Delivery,
  ExecuteOptions,
  Executor,
  ExecutorHealth,
  HookEvents,
  HookName,
  Outcome,
  Running,
} from '@isobar/core'
import { Hooks, Prefetch } from '@isobar/core/worker'
import { toDeathOutcome } from './crash-outcome.ts'
import type { Death } from './death.ts'
import type { Isolate } from './isolate.ts'
import type { Manifest } from './manifest.ts'
import { PoolRun, type PoolRunListener } from './pool-run.ts'
import { Roster, type RosterListener } from './roster.ts'
import { type IsolateOptions, type PoolSettings, toPoolSettings } from './settings.ts'

/** Work that may wait in an isolate for a slot, in ms and in jobs: enough that it never waits for the next batch. */
const WINDOW = { ms: 20, jobs: 100 }

/** Suspects that may wait to run alone; what comes on top goes back to its queue for a while. */
const MAX_SUSPECTS = 100
const SUSPECT_DELAY_MS = 1_000

/** Hooks that fire here and are passed on to an isolate that lives. */
const FORWARDED: ReadonlySet<HookName> = new Set(['dead', 'drain', 'stop', 'brokerError'])

/**
 * An executor that runs handlers in isolates: processes with a heap of their own, which are replaced before their memory
 * hurts, after so many jobs, or when they die. This process loads none of the app's code and reads no payload.
 *
 * The roster keeps the isolates; the pool gives them jobs. A job that nobody has room for *waits*; one that was in an
 * isolate that died, or may have been, waits among the *suspects* until it can run alone.
 */
export class IsolatePool implements Executor, RosterListener, PoolRunListener {
  readonly settings: PoolSettings
  readonly #hooks: Hooks
  readonly #roster: Roster
  readonly #window = new Prefetch(WINDOW)
  #waiting: PoolRun[] = []
  #suspects: PoolRun[] = []
  #draining = false
  #onFree: () => void = () => {}

  constructor(settings: PoolSettings, hooks: Hooks = new Hooks()) {
    this.settings = settings
    this.#hooks = hooks
    this.#roster = new Roster(settings, hooks, this)
    this.#roster.balance()
  }

  /** What its app says of itself, once the first isolate has loaded it. Rejects when that fails. */
  ready(): Promise<Manifest> {
    return this.#roster.ready()
  }

  /** Isolates that serve when all is well. */
  get wanted(): number {
    return this.#roster.size
  }

  /** Changes how many isolates serve. */
  resize(wanted: number): void {
    this.#roster.resize(wanted)
  }

  /** Replaces every isolate, one after the other: as after a change of what the app reads at its start. */
  recycle(): void {
    for (const isolate of this.#roster.members.in('active'))
      this.#roster.dismiss(isolate, { cause: 'asked', message: 'somebody asked for it' })
  }

  // As an executor.

  get size(): number {
    return this.wanted * this.settings.concurrency
  }

  get healthy(): boolean {
    return this.#roster.healthy
  }

  free(): number {
    if (this.#draining) return 0
    const window = this.#window.size(this.settings.concurrency)
    let room = -this.#waiting.length
    for (const isolate of this.#roster.members.all) room += isolate.room(window)
    return Math.max(0, room)
  }

  start(delivery: Delivery, options: ExecuteOptions = {}): Running {
    const run = new PoolRun(delivery, options, this)
    const isSuspect = delivery.job.crashes > 0
    if (this.#draining) run.finish({ kind: 'release' })
    else if (isSuspect && this.#suspects.length >= MAX_SUSPECTS)
      run.finish({ kind: 'release', delayMs: SUSPECT_DELAY_MS })
    else if (isSuspect) {
      this.#suspects.push(run)
      this.#roster.balance()
    } else if (!this.#assign(run)) this.#waiting.push(run)
    return run
  }

  onFree(listener: () => void): void {
    this.#onFree = listener
  }

  emit<Name extends HookName>(name: Name, event: HookEvents[Name]): void {
    if (name === 'drain') this.#drain()
    this.#hooks.emit(name, event)
    if (FORWARDED.has(name)) this.#roster.members.anyAlive()?.forward(name, event)
  }

  health(): ExecutorHealth {
    const isolates = [...this.#roster.members.all]
    const sum = (of: (isolate: Isolate) => number): number => isolates.reduce((all, one) => all + of(one), 0)
    return {
      size: this.size,
      running: sum(({ runs }) => runs.size) + this.#waiting.length + this.#suspects.length,
      abandoned: sum(({ abandoned }) => abandoned),
      healthy: this.healthy,
      pool: { ...this.#roster.health(), leaks: this.#roster.readings.leaks() },
    }
  }

  /** Ends all isolates: what their apps have opened is disposed first, for 4 s at most. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#drain()
    return this.#roster[Symbol.asyncDispose]()
  }

  /** Takes no more, and hands back what has not started. */
  #drain(): void {
    if (this.#draining) return
    this.#draining = true
    this.#roster.close()
    for (const run of [...this.#waiting.splice(0), ...this.#suspects.splice(0)]) run.finish({ kind: 'release' })
    for (const isolate of this.#roster.members.all) if (isolate.runs.size > 0) isolate.recall()
  }

  // What runs say.

  onAbort(run: PoolRun, reason: AbortReason, graceMs: number | undefined): void {
    if (run.isolate) return run.isolate.abort(run, reason, graceMs)
    this.#waiting = this.#waiting.filter((other) => other !== run)
    this.#suspects = this.#suspects.filter((other) => other !== run)
    run.finish({ kind: 'release', error: reason })
  }

  onStarted({ delivery: { job }, startedAt = 0 }: PoolRun): void {
    if (this.#hooks.has('start')) this.#hooks.emit('start', { job, startedAt })
  }

  onFinished({ delivery: { job }, startedAt, durationMs = 0 }: PoolRun, outcome: Outcome): void {
    // One that never ran has nothing to tell.
    if (startedAt === undefined) return
    if (this.#hooks.has('settle')) this.#hooks.emit('settle', { job, outcome, startedAt, durationMs })
    if (outcome.kind === 'retry') this.#hooks.emit('retry', { job, error: outcome.error, delayMs: outcome.delayMs })
  }

  /** Gives a run to the isolate that has the fewest. */
  #assign(run: PoolRun): boolean {
    const window = this.#window.size(this.settings.concurrency)
    let best: Isolate | undefined
    for (const isolate of this.#roster.members.all) {
      if (isolate.room(window) > 0 && (!best || isolate.runs.size < best.runs.size)) best = isolate
    }
    if (!best) return false
    best.assign(run)
    const { jobs, leastAgeMs } = this.settings
    if (best.given >= jobs && best.ageMs >= leastAgeMs && !best.isUsedUp)
      this.#roster.dismiss(best, { cause: 'jobs', message: `it was given ${jobs} jobs` })
    return true
  }

  // What the roster says.

  suspectWaitsMs(): number {
    const [next] = this.#suspects
    // Never 0 while there is one.
    return next ? Math.max(Number.MIN_VALUE, performance.now() - next.takenAt) : 0
  }

  runAlone(isolate: Isolate): void {
    const suspect = this.#suspects.shift()
    if (suspect) isolate.assign(suspect)
  }

  /** Gives what waits to whoever has room, then says so. */
  onRoom(): void {
    for (;;) {
      // Taken out first: to assign it may bring in a successor, whose room is told before this goes on.
      const next = this.#waiting.shift()
      if (!next) break
      if (this.#assign(next)) continue
      this.#waiting.unshift(next)
      break
    }
    this.#onFree()
  }

  onEnded({ durationMs }: PoolRun): void {
    if (durationMs !== undefined) this.#window.add(durationMs)
    if (this.#waiting.length > 0) this.onRoom()
  }

  onHandedBack(runs: readonly PoolRun[]): void {
    const suspects: PoolRun[] = []
    const others: PoolRun[] = []
    for (const run of runs) {
      run.putBack()
      if (this.#draining || run.aborted) run.finish({ kind: 'release', ...(run.aborted && { error: run.aborted }) })
      else if (run.delivery.job.crashes > 0) suspects.push(run)
      else others.push(run)
    }
    this.#suspects = [...suspects, ...this.#suspects]
    this.#waiting = [...others, ...this.#waiting]
    this.onRoom()
  }

  onDied(isolate: Isolate, death: Death, alone: boolean): void {
    const { maxCrashes } = this.settings
    const unstarted: PoolRun[] = []
    for (const run of isolate.runs.values()) {
      const { job } = run.delivery
      if (run.startedAt === undefined) unstarted.push(run)
      else {
        const innocent = death.culprit !== undefined && death.culprit !== run.n
        const type = isolate.typeOf(job.name)
        run.finish(toDeathOutcome({ job, alone, innocent, death, type, maxCrashes }))
      }
    }
    isolate.runs.clear()
    this.onHandedBack(unstarted)
  }
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
