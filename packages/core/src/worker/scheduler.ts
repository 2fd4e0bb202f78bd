import type { Sender } from '../broker.ts'
import { type Clock, systemClock } from '../clock.ts'
import { toSpec } from '../enqueue.ts'
import { OptionError, UnsupportedError } from '../errors.ts'
import type { MissedTicks, Schedule } from '../schedule.ts'
import type { Ticks } from '../ticks.ts'
import { toKeyedTicks } from './scheduler-keys.ts'
import { ScheduleRun } from './scheduler-run.ts'

const POLICIES: readonly MissedTicks[] = ['skip', 'once', 'all']

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
  /** Hears what fails: the broker, which is tried again, an expression that can be read no more, a clock that is off. */
  readonly onError?: (error: unknown, schedule: Schedule) => void
  readonly clock?: Clock
}

/** Enqueues the jobs of schedules. */
export interface Scheduler {
  /** Ends all its timers. Twice is fine. */
  stop(): void
}

/**
 * Enqueues a job at each tick of each schedule. Any number of schedulers may do so on one broker: there is one job a
 * tick. A broker with `ticks` remembers the last tick of each schedule, so that those can be made up for at which no
 * scheduler ran (`missed`). On one without, a tick's job carries the key `schedule:name@time`, unique for an hour, and a
 * tick at which no scheduler runs is gone.
 * @throws {UnsupportedError} when the broker keeps no record of ticks and honours no keys, or is to make up for missed
 * ticks without a record.
 * @throws {OptionError} when an expression or a policy is not valid.
 * @throws {InvalidDataError | PayloadTooLargeError} when the data of a schedule are refused.
 */
export function createScheduler(sender: Sender, schedules: readonly Schedule[], options: SchedulerOptions): Scheduler {
  const { cron, onError, clock = systemClock } = options
  const ticks = toTicks(sender, schedules)

  const tell = (error: unknown, schedule: Schedule): void => {
    try {
      onError?.(error, schedule)
    } catch (thrown) {
      console.error(`isobar: onError of schedule ${schedule.name} failed`, thrown)
    }
  }
  const toRun = (schedule: Schedule): ScheduleRun => {
    const next = (after: number): number | undefined => nextTick(cron, schedule, after)
    // What is wrong with it is seen at start, and not at its first tick; by asynchronous schemas soon after.
    next(clock.now())
    const checked = toSpec(schedule.type, schedule.data)
    if (checked instanceof Promise) checked.catch((error: unknown) => tell(error, schedule))
    return new ScheduleRun(schedule, { ticks, clock, next, onError: (error) => tell(error, schedule) })
  }

  const runs = schedules.map(toRun)
  for (const run of runs) run.start()
  return {
    stop() {
      for (const run of runs) run.stop()
    },
  }
}

/** The broker's record, or the next best thing. */
function toTicks(sender: Sender, schedules: readonly Schedule[]): Ticks {
  for (const { name, missed } of schedules) {
    if (!POLICIES.includes(missed))
      throw new OptionError(`schedule ${name} has missed ${JSON.stringify(missed)}; give one of ${POLICIES.join(', ')}`)
    if (sender.ticks) continue
    if (missed !== 'skip')
      throw new UnsupportedError(
        sender.name,
        `make up for missed ticks of schedule ${name}: it keeps no record of them`,
        "leave missed at 'skip'",
      )
    if (!sender.can.dedupe) throw new UnsupportedError(sender.name, 'run schedules: it honours no keys')
  }
  return sender.ticks ?? toKeyedTicks(sender)
}

function nextTick(cron: CronParser, { name, cron: expression, timezone }: Schedule, after: number): number | undefined {
  let problem: unknown = 'it comes before the time asked for'
  try {
    const tick = cron.next(expression, new Date(after), timezone)?.getTime()
    // Anything else would be enqueued for ever.
    if (tick === undefined || tick > after) return tick
  } catch (cause) {
    problem = cause
  }
  throw new OptionError(`schedule ${name}: "${expression}" in time zone ${timezone} is not valid: ${String(problem)}`)
}
