import type { Sender } from '../broker.ts'
import { type Clock, systemClock, type Timer } from '../clock.ts'
import { MAX_TIMER_MS } from '../duration.ts'
import { toSpec } from '../enqueue.ts'
import { OptionError, UnsupportedError } from '../errors.ts'
import { delayAfter, exponential } from '../retry.ts'
import type { Schedule } from '../schedule.ts'

/** How long a tick's key is kept, in ms: schedulers that are further apart than this would enqueue a tick twice. */
export const TICK_WINDOW_MS = 3_600_000

/** Between tries to enqueue a tick while the broker fails. */
const TICK_BACKOFF = exponential({ base: 500, max: 30_000 })

/** Reads cron expressions. The core has none of its own; platforms' entry points bring a well-kept one. */
export interface CronParser {
  /**
   * The first tick after a time, or undefined when there is none.
   * @throws when the expression or the time zone is not valid.
   */
  next(expression: string, after: Date, timezone: string): Date | undefined
}

/** Options of `createScheduler`. */
export interface SchedulerOptions {
  readonly cron: CronParser
  /** Hears when a tick cannot be enqueued; it is tried again until the next one is due. */
  readonly onError?: (error: unknown, schedule: Schedule) => void
  readonly clock?: Clock
}

/** Enqueues the jobs of schedules. */
export interface Scheduler {
  /** Ends all its timers. Twice is fine. */
  stop(): void
}

/**
 * Enqueues a job at each tick of each schedule. Any number of schedulers may do so on one broker: a tick's job carries
 * the key `schedule:name@time`, unique for an hour, so that there is one job a tick. A tick at which no scheduler runs
 * is skipped.
 * @throws {UnsupportedError} when the broker honours no keys.
 * @throws {OptionError} when an expression is not valid.
 * @throws {InvalidDataError | PayloadTooLargeError} when the data of a schedule are refused.
 */
export function createScheduler(sender: Sender, schedules: readonly Schedule[], options: SchedulerOptions): Scheduler {
  const { cron, onError, clock = systemClock } = options
  if (schedules.length > 0 && !sender.can.dedupe)
    throw new UnsupportedError(sender.name, 'run schedules: it honours no keys')
  const timers = new Map<Schedule, Timer>()
  let stopped = false

  const nextTick = (schedule: Schedule): number | undefined => {
    try {
      return cron.next(schedule.cron, new Date(clock.now()), schedule.timezone)?.getTime()
    } catch (cause) {
      throw new OptionError(
        `schedule ${schedule.name}: "${schedule.cron}" in time zone ${schedule.timezone} is not valid: ${String(cause)}`,
      )
    }
  }
  const set = (schedule: Schedule, ms: number, then: () => void): void => {
    if (!stopped) timers.set(schedule, clock.setTimeout(then, ms))
  }
  const plan = (schedule: Schedule): void => {
    const tick = nextTick(schedule)
    if (tick === undefined) return
    const wait = tick - clock.now()
    if (wait > MAX_TIMER_MS) set(schedule, MAX_TIMER_MS, () => attempt(schedule, () => plan(schedule)))
    else set(schedule, Math.max(wait, 0), () => void enqueue(schedule, tick, 1))
  }
  const tell = (error: unknown, schedule: Schedule): void => {
    try {
      onError?.(error, schedule)
    } catch (thrown) {
      console.error(`isobar: onError of schedule ${schedule.name} failed`, thrown)
    }
  }
  /** Tells of an expression that can be read no more, as in a time zone that is gone; its schedule ends. */
  const attempt = (schedule: Schedule, next: () => void): void => {
    try {
      next()
    } catch (error) {
      tell(error, schedule)
    }
  }
  const enqueue = async (schedule: Schedule, tick: number, tries: number): Promise<void> => {
    try {
      const key = `schedule:${schedule.name}@${new Date(tick).toISOString()}`
      const spec = await toSpec(schedule.type, schedule.data, { key, dedupe: { window: TICK_WINDOW_MS } })
      await sender.send([spec])
    } catch (error) {
      tell(error, schedule)
      return attempt(schedule, () => {
        const delay = delayAfter(TICK_BACKOFF, tries, error)
        const following = nextTick(schedule)
        if (following !== undefined && clock.now() + delay >= following) plan(schedule)
        else set(schedule, delay, () => void enqueue(schedule, tick, tries + 1))
      })
    }
    attempt(schedule, () => plan(schedule))
  }
  const stop = (): void => {
    stopped = true
    for (const timer of timers.values()) clock.clearTimeout(timer)
    timers.clear()
  }

  /** Data are checked at start, where a mistake is seen, and not at the first tick; by asynchronous schemas soon after. */
  const check = (schedule: Schedule): void => {
    const checked = toSpec(schedule.type, schedule.data)
    if (checked instanceof Promise) checked.catch((error: unknown) => tell(error, schedule))
  }

  try {
    for (const schedule of schedules) {
      check(schedule)
      plan(schedule)
    }
  } catch (error) {
    stop()
    throw error
  }
  return { stop }
}
