import type { Clock, Timer } from '../clock.ts'
import { toSpec } from '../enqueue.ts'
import { IsobarError } from '../errors.ts'
import { delayAfter, exponential } from '../retry.ts'
import type { Schedule } from '../schedule.ts'
import { MAX_TICK_AHEAD_MS, type Ticks } from '../ticks.ts'
import { type NextTick, newestTicks } from './scheduler-missed.ts'

/** Missed ticks of a schedule that are enqueued at once, with `missed: 'all'`. Older ones are gone. */
export const MAX_MISSED_TICKS = 100

/** How long a scheduler waits before it looks at the clock again, in ms: it may be set, and machines sleep. */
const MAX_WAIT_MS = 60_000

/** Between tries of a broker that fails. */
const TICK_BACKOFF = exponential({ base: 500, max: 30_000 })

/** What a schedule runs with. */
export interface RunContext {
  readonly ticks: Ticks
  readonly clock: Clock
  /** Throws when the expression can be read no more: the schedule ends then. */
  readonly next: NextTick
  /** Hears what fails. Never throws. */
  readonly onError: (error: unknown) => void
}

/**
 * One schedule at work, in turns. A turn *looks* what the broker has recorded, if it has not since the last failure;
 * *enqueues* the ticks that have come since, by the schedule's policy, one by one and in order; and *waits* for the next
 * one. When the broker fails, the turn waits as long as the backoff says, or until the next tick, if that is sooner; so
 * an outage ends as a downtime does. It *ends* when no tick is left, when its expression can be read no more, or when it
 * is stopped.
 *
 * Where the policies differ: `skip` takes what came before its start for seen to, the others go on from the record. In
 * one turn `all` enqueues all ticks, the others the newest.
 */
export class ScheduleRun {
  readonly #schedule: Schedule
  readonly #context: RunContext
  readonly #startedAt: number
  #timer: Timer | undefined
  #stopped = false
  #unreadable = false
  #looked = false
  #failures = 0
  /** Ticks up to here are seen to, ms since the epoch. */
  #seen: number
  /** The last tick that is known to be recorded: the broker refuses it and those before it. */
  #record = Number.NEGATIVE_INFINITY

  constructor(schedule: Schedule, context: RunContext) {
    this.#schedule = schedule
    this.#context = context
    this.#startedAt = context.clock.now()
    this.#seen = this.#startedAt
  }

  /** Takes turns until it ends. */
  start(): void {
    void this.#turn()
  }

  /** Ends it: what is being sent is the last. */
  stop(): void {
    this.#stopped = true
    if (this.#timer !== undefined) this.#context.clock.clearTimeout(this.#timer)
  }

  async #turn(): Promise<void> {
    try {
      if (!this.#looked) await this.#look()
      while (await this.#enqueueDue());
      this.#failures = 0
      if (!this.#stopped) this.#wait(this.#next(this.#seen), Number.POSITIVE_INFINITY)
    } catch (error) {
      if (!this.#stopped) this.#fail(error)
    }
  }

  async #look(): Promise<void> {
    const { ticks, clock } = this.#context
    const { name, cron, timezone, missed } = this.#schedule
    const last = await ticks.last(name)
    this.#record = Math.max(this.#record, last)
    if (missed === 'skip') {
      this.#seen = Math.max(this.#seen, last)
    } else {
      // An expression has missed nothing before it was first seen, whatever the one before it had enqueued.
      const known = await ticks.last(`${name}: ${cron} (${timezone})`)
      this.#seen = Math.max(last, Math.min(known, this.#startedAt))
    }
    this.#looked = true
    if (last - clock.now() > MAX_TICK_AHEAD_MS && !this.#stopped) this.#context.onError(aheadError(name, last))
  }

  /** Enqueues what is due. Answers whether more may be. */
  async #enqueueDue(): Promise<boolean> {
    const now = this.#context.clock.now()
    // The clock was set back: up to the record, what it comes to once more was enqueued.
    if (now < this.#seen) this.#seen = Math.max(this.#record, now)
    const most = this.#schedule.missed === 'all' ? MAX_MISSED_TICKS : 1
    const due = newestTicks((after) => this.#next(after), this.#seen, now, most)
    for (const tick of due) await this.#enqueue(tick)
    return due.length > 0 && !this.#stopped && !this.#unreadable
  }

  async #enqueue(tick: number): Promise<void> {
    const { name, type, data } = this.#schedule
    const spec = await toSpec(type, data)
    if (this.#stopped) return
    await this.#context.ticks.send(name, tick, spec)
    this.#seen = tick
    this.#record = Math.max(this.#record, tick)
  }

  #fail(error: unknown): void {
    this.#looked = false
    this.#context.onError(error)
    const tick = this.#next(Math.max(this.#seen, this.#context.clock.now()))
    this.#wait(tick, delayAfter(TICK_BACKOFF, ++this.#failures, error))
  }

  /** Takes the next turn at the next tick, at most `most` ms from now. Without either there is none. */
  #wait(tick: number | undefined, most: number): void {
    const { clock } = this.#context
    const ms = Math.min(most, tick === undefined ? Number.POSITIVE_INFINITY : Math.max(0, tick - clock.now()))
    if (ms === Number.POSITIVE_INFINITY || this.#stopped || this.#unreadable) return
    this.#timer = clock.setTimeout(() => void this.#turn(), Math.min(ms, MAX_WAIT_MS))
  }

  #next(after: number): number | undefined {
    if (this.#unreadable) return undefined
    try {
      return this.#context.next(after)
    } catch (error) {
      this.#unreadable = true
      this.#context.onError(error)
      return undefined
    }
  }
}

function aheadError(name: string, last: number): IsobarError {
  return new IsobarError(
    'SCHEDULE_AHEAD',
    `schedule ${name} has its tick of ${new Date(last).toISOString()} enqueued, which is more than an hour ahead of the clock of this machine, and enqueues none before it; set the clock, or give the schedule another name`,
  )
}
