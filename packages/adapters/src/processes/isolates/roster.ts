import type { HookEvents, HookName, PoolHealth } from '@isobar/core'
import type { Hooks, IsolateReading } from '@isobar/core/worker'
import type { Death } from './death.ts'
import { END_LIMIT_MS, type Isolate, type IsolateListener } from './isolate.ts'
import type { Manifest } from './manifest.ts'
import { type Farewell, Members } from './members.ts'
import type { PoolRun } from './pool-run.ts'
import { Readings } from './readings.ts'
import type { PoolSettings } from './settings.ts'
import { SlotPausesTable } from './slot-pauses.ts'
import { Starts } from './starts.ts'

/** Between two looks at the memory and the deadlines of isolates, in ms. */
export const SWEEP_MS = 200

/** A suspect that has waited so long, in ms, gets the next spare, whoever else wants it. */
const SUSPECT_PATIENCE_MS = 1_000

/** How long spares that are too many are kept, in ms: the next suspect may need one. */
const SURPLUS_MS = 10_000

/** From this share of its limit on, an isolate that is to go for its memory does not wait for its successor. */
const BRINK_SHARE = 0.88

/** Isolates that may be loading at once: each takes a core while it does. */
const MAX_STARTING = 2

/** What a roster needs of the pool whose isolates it keeps. */
export interface RosterListener {
  /** How long the suspect that is next has waited to run alone, in ms; 0 when there is none. */
  suspectWaitsMs(): number
  /** Gives the suspect that is next to an isolate that does nothing else. */
  runAlone(isolate: Isolate): void
  /** There is room for jobs that there was not. */
  onRoom(): void
  onEnded(run: PoolRun): void
  /** These had not started, and are to be given to others. */
  onHandedBack(runs: readonly PoolRun[]): void
  /** It died with jobs in it, or without; `alone` where it ran a suspect. */
  onDied(isolate: Isolate, death: Death, alone: boolean): void
}

/**
 * The isolates of a pool: which there are, and what each is for.
 *
 * `size` of them are to be *active* and `spares` loaded beside them. Whatever happens, `balance` brings it back to that,
 * in this order: an active isolate that is missing is replaced by a spare; one that is to go (it has a *farewell*) is
 * replaced by a spare and only then drained, and no more of them at once than there may be processes; a suspect gets a
 * spare to run alone in; and as many are started as are missing, `size + spares + 1` processes at most.
 */
export class Roster implements IsolateListener {
  /** The isolates there are. */
  readonly members: Members
  readonly readings: Readings
  readonly #settings: PoolSettings
  readonly #hooks: Hooks
  readonly #listener: RosterListener
  /** Of those that have died: whether they ran a suspect. */
  readonly #wereAlone = new WeakSet<Isolate>()
  readonly #starts: Starts
  readonly #pauses = new SlotPausesTable()
  readonly #sweep: NodeJS.Timeout
  #size: number
  #isBalancing = false
  #isAsked = false
  /** How long there have been more spares than there should be. */
  #surplusMs = 0
  #closed = false
  #disposed: Promise<void> | undefined
  #onEmpty: (() => void) | undefined

  constructor(settings: PoolSettings, hooks: Hooks, listener: RosterListener) {
    this.#settings = settings
    this.#hooks = hooks
    this.#listener = listener
    this.#size = settings.size
    this.readings = new Readings(settings, hooks)
    this.members = new Members(hooks)
    this.#starts = new Starts(settings)
    this.#sweep = setInterval(() => {
      for (const isolate of this.members.all) isolate.sweep(SWEEP_MS)
      this.#trim()
    }, SWEEP_MS)
  }

  /** Resolves when the first isolate has loaded its app; rejects when that fails. */
  ready(): Promise<Manifest> {
    return this.#starts.loaded()
  }

  /** Isolates that are to be active. */
  get size(): number {
    return this.#size
  }

  /** False when none is active and none can be started. */
  get healthy(): boolean {
    return !this.#starts.isFailing || this.members.anyAlive() !== undefined
  }

  resize(size: number): void {
    this.#size = size
    this.members.forgetDeaths()
    this.balance()
  }

  /** An isolate is to go, once another can take its place. */
  dismiss(isolate: Isolate, farewell: Farewell): void {
    if (this.members.dismiss(isolate, farewell)) this.balance()
  }

  /** Starts and replaces no more: what runs goes on. */
  close(): void {
    this.#closed = true
  }

  health(): Omit<PoolHealth, 'leaks'> {
    const { all, recycles, lastGapMs } = this.members
    return {
      isolates: [...all].map((isolate) => isolate.health()),
      wanted: this.#size,
      memoryLimit: this.#settings.memory,
      recycles: { ...recycles },
      failedStarts: this.#starts.failed,
      lastGapMs,
      pauses: this.#pauses.all(),
    }
  }

  /** Ends all isolates; what their apps have opened is disposed first, for 4 s at most. Twice is fine. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose()
    return this.#disposed
  }

  async #dispose(): Promise<void> {
    this.close()
    clearInterval(this.#sweep)
    for (const isolate of this.members.all) {
      if (isolate.state === 'starting') isolate.kill('crash', 'the pool ends')
      else isolate.end()
    }
    if (this.members.all.size > 0) {
      let late: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
        late = setTimeout(resolve, END_LIMIT_MS * 2)
      })
      clearTimeout(late)
    }
    await this.#starts[Symbol.asyncDispose]()
  }

  // The balance.

  /** Brings it back to what there should be, as far as that can be had now. */
  balance(): void {
    // A hook that is told of a replacement may ask for another.
    this.#isAsked = true
    if (this.#isBalancing) return
    const before = this.members.promotions
    this.#isBalancing = true
    try {
      while (this.#isAsked && !this.#closed) {
        this.#isAsked = false
        this.#balanceOnce()
      }
    } finally {
      this.#isBalancing = false
    }
    if (this.members.promotions > before) this.#listener.onRoom()
  }

  #balanceOnce(): void {
    const spares = this.members.in('spare').filter((isolate) => !this.members.isLeaving(isolate))
    // Under a load that uses up every spare, as isolates for one job each do, suspects would wait for ever.
    if (this.#listener.suspectWaitsMs() > SUSPECT_PATIENCE_MS) this.#serveSuspect(spares)
    while (this.members.in('active').length < this.#size) {
      const spare = spares.shift()
      if (!spare) break
      this.members.promote(spare)
    }
    this.#shrink()
    const unserved = this.#succeed(spares)
    for (const isolate of this.members.in('spare')) if (this.members.isLeaving(isolate)) this.members.retire(isolate)
    this.#serveSuspect(spares)
    this.#spawn(this.#size - this.members.in('active').length + unserved)
  }

  /** Lets those go that are too many: the ones with the most memory first. */
  #shrink(): void {
    const active = this.members.in('active')
    const surplus = active.length - this.#size
    if (surplus <= 0) return
    const heaviest = active.sort((a, b) => (b.reading?.rss ?? 0) - (a.reading?.rss ?? 0))
    for (const isolate of heaviest.slice(0, surplus)) {
      this.members.retire(isolate, { cause: 'scale', message: 'fewer are needed' })
    }
  }

  /** Lets go of spares that were started for somebody who is gone by now, those first that have worked. */
  #trim(): void {
    const spares = this.members.in('spare')
    const surplus = spares.length - this.#settings.spares
    const needed =
      this.#listener.suspectWaitsMs() > 0 || this.members.in('active').some((one) => this.members.isLeaving(one))
    if (surplus <= 0 || needed || this.#closed) this.#surplusMs = 0
    else this.#surplusMs += SWEEP_MS
    if (this.#surplusMs < SURPLUS_MS) return
    this.#surplusMs = 0
    for (const isolate of spares.sort((a, b) => b.ended - a.ended).slice(0, surplus)) isolate.end()
  }

  /** Replaces those that are to go, and answers how many have to wait for it. */
  #succeed(spares: Isolate[]): number {
    const leaving = this.members.in('active').filter((isolate) => this.members.isLeaving(isolate))
    let room = 1 + this.#settings.spares - this.members.in('draining', 'ending').length
    let unserved = leaving.length
    for (const isolate of leaving) {
      const spare = room > 0 ? spares.shift() : undefined
      if (!spare) break
      room--
      unserved--
      const { slot } = isolate
      this.members.retire(isolate)
      this.members.promote(spare, slot)
    }
    return unserved
  }

  /** Suspects run alone, one after the other, in an isolate that does nothing else meanwhile. */
  #serveSuspect(spares: Isolate[]): void {
    let [alone] = this.members.in('alone')
    if (alone && alone.runs.size > 0) return
    if (alone?.isUsedUp) this.#retireUsedUp(alone)
    else if (alone && this.members.isLeaving(alone)) this.members.retire(alone)
    if (alone?.state !== 'alone') alone = undefined
    if (this.#listener.suspectWaitsMs() > 0) {
      alone ??= spares.shift()
      if (!alone) return
      alone.state = 'alone'
      this.#listener.runAlone(alone)
    } else if (alone) {
      // It has shown nothing against it: it may serve as any other.
      alone.state = 'spare'
      spares.push(alone)
    }
  }

  /** It has done the one job that it was for, and is of no use until another takes its place. */
  #retireUsedUp(isolate: Isolate): void {
    this.members.retire(isolate, { cause: 'jobs', message: 'it was for one job' })
  }

  #spawn(missing: number): void {
    const starting = this.members.in('starting').length
    const ready = this.members.in('spare').length
    const forSuspects = this.#listener.suspectWaitsMs() > 0 && this.members.in('alone').length === 0 ? 1 : 0
    const wanted = Math.max(0, missing) + this.#settings.spares + forSuspects - starting - ready
    const most = this.#size + this.#settings.spares + 1
    if (wanted <= 0 || this.members.all.size >= most || starting >= MAX_STARTING) return
    const isolate = this.#starts.start(this, () => this.balance())
    if (!isolate) return
    this.members.add(isolate)
    // The first one says whether the app can be loaded at all.
    if (this.#starts.hasLoaded) this.#spawn(missing)
  }

  // What isolates say.

  onReady(isolate: Isolate, manifest: Manifest): void {
    this.#starts.succeeded(manifest)
    if (this.#closed) isolate.end()
    else this.balance()
  }

  onReading(isolate: Isolate, reading: IsolateReading): void {
    if (isolate.state === 'draining' || isolate.state === 'ending') return
    const verdict = this.readings.judge(isolate, reading)
    if (verdict.action === 'confirm') isolate.confirm()
    // Where no spare is kept, the successor is started now.
    if (verdict.action === 'prepare' && this.members.in('spare', 'starting').length === 0 && !this.#closed)
      this.#spawn(1)
    if (verdict.action !== 'recycle') return
    this.dismiss(isolate, verdict.farewell)
    // Its successor is still loading: rather a gap than a kill.
    if (isolate.state !== 'active' || this.#starts.hasJustFailed) return
    if (reading.rss >= this.#settings.memory * BRINK_SHARE) isolate.rest()
  }

  onCollected(...collected: Parameters<IsolateListener['onCollected']>): void {
    this.readings.collected(...collected)
  }

  onPauses(...pauses: Parameters<IsolateListener['onPauses']>): void {
    this.#pauses.add(...pauses)
  }

  onEnded(isolate: Isolate, run: PoolRun): void {
    this.#listener.onEnded(run)
    this.#afterJob(isolate)
  }

  onHandedBack(isolate: Isolate, runs: readonly PoolRun[]): void {
    this.#listener.onHandedBack(runs)
    this.#afterJob(isolate)
  }

  /** An isolate has one job less. */
  #afterJob(isolate: Isolate): void {
    if (isolate.runs.size === 0) {
      if (isolate.state === 'draining') isolate.end()
      if (isolate.isUsedUp && isolate.state === 'active' && !this.#closed) this.#retireUsedUp(isolate)
      if (isolate.isUsedUp || isolate.state === 'alone') this.balance()
    }
  }

  onRoom(): void {
    this.#listener.onRoom()
  }

  onAbandoned(isolate: Isolate): void {
    this.dismiss(isolate, {
      cause: 'abandoned',
      message: 'a handler that was given up, as it ignored ctx.signal, goes on in it',
    })
  }

  onHook(name: HookName, event: HookEvents[HookName]): void {
    this.#hooks.emit(name, event)
  }

  onExit(isolate: Isolate): void {
    this.#starts.ended(isolate)
    const { state } = isolate
    if (state !== 'active' && state !== 'alone') return
    if (state === 'active') this.members.died()
    else this.#wereAlone.add(isolate)
    // Another takes its place before it is known what it died of.
    isolate.state = 'ending'
    this.balance()
  }

  onGone(isolate: Isolate, death: Death | undefined): void {
    this.members.delete(isolate)
    if (isolate.manifest) {
      if (death) this.#onDeath(isolate, death)
    } else if (!this.#disposed) this.#onFailedStart(isolate, death)
    if (this.members.all.size === 0) this.#onEmpty?.()
    this.balance()
  }

  /** Those that rest would wait for a successor that does not come. */
  #onFailedStart(isolate: Isolate, death: Death | undefined): void {
    this.#starts.hasFailed(isolate, death)
    for (const other of this.members.in('active')) other.goOn()
    this.#listener.onRoom()
  }

  #onDeath(isolate: Isolate, death: Death): void {
    if (!this.#disposed) {
      const { error, cause } = death
      console.error(`isobar: isolate ${isolate.slot ?? '(spare)'} (pid ${isolate.pid}) died: ${error.message}`)
      this.members.tell(isolate, { cause, message: error.message, error })
    }
    this.#listener.onDied(isolate, death, this.#wereAlone.has(isolate))
  }
}
